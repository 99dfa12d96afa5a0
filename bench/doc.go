// Package bench holds the judge against what others wrote: public test suites,
// read from the module cache. It is a module of its own, so that none of it
// reaches the module graph of those who import daric.
package bench
