// Command daric holds recorded HTTP exchanges against an OpenAPI 3.0 document.
//
//	daric check [RECORDING…]   judge recordings; without any, the shipped evidence
//	daric baseline write FILE  list what recordings deviate by, with a reason
//	daric baseline check FILE  judge, and fail for anything that is not listed
//	daric spec                 print the shipped document, the Dari agents API
//	daric version              print versions
//	daric completion SHELL     print a completion script
//
// A recording is a file, a folder, a glob pattern, or - for standard input, in
// one of the formats of package recording. Without --spec it is held against
// the document that the command carries.
//
// Exit codes: 0 when every promise was kept, 1 when one is broken (or something
// is new, under --strict), 2 when something could not be read or judged, when
// nothing was judged, or when the command was misused. 2 wins over 1.
package main
