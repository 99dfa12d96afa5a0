package contract

// A value is held against a schema in one walk that answers two questions: what
// breaks the schema, and what does the schema not speak of. For the second, a
// walk notes which schemas applied to which object (a sighting); the notes of
// branches that did not apply are dropped with the branch. When all is done, a
// property that no schema of its object declares is undeclared, however the
// schemas were joined.

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// A schema is a compiled Schema Object.
type schema struct {
	at       location
	keywords []keyword // of this schema alone, see keyword.go
	types    string    // the type keyword; empty for any
	format   string
	nullable bool
	open     bool // x-daric-open
	reads    bool // readOnly
	writes   bool // writeOnly
	secret   bool // writeOnly or format password: its value is never shown

	required         []string
	properties       map[string]*schema
	names            *regexp.Regexp // x-daric-property-names
	additional       *schema        // nil when undeclared properties have no schema
	closed           bool           // additionalProperties: false
	free             bool           // additionalProperties: true, or with a schema
	items            *schema
	allOf            []*schema
	anyOf, oneOf     []*schema
	not              *schema
	discriminator    *discriminator
	hasPropertyNames bool // declares properties at all
}

// A discriminator chooses a schema by the value of a property (OAS 3.0.3,
// Discriminator Object).
type discriminator struct {
	property string
	variants map[string]*schema // by value of the property; nil where the mapping leads to none of the variants
	values   []string           // those values as the document lists them
}

// schema compiles what a reference leads to, once. nil stands for no schema,
// which every value fits.
func (c *compiler) schema(ref *openapi3.SchemaRef, at location) *schema {
	if ref == nil || ref.Value == nil {
		return nil
	}
	at = c.spec.sources.resolve(at)
	if s := c.schemas[at]; s != nil {
		return s
	}
	k := ref.Value
	s := &schema{at: at, format: k.Format, nullable: k.Nullable, reads: k.ReadOnly, writes: k.WriteOnly}
	c.schemas[at] = s // before its children: schemas may contain themselves
	if k.Type != nil && len(*k.Type) > 0 {
		s.types = (*k.Type)[0]
	}
	s.secret = s.writes || k.Format == "password"
	s.keywords = c.keywords(k, at)
	s.required = k.Required
	c.extensions(s, k)

	list := func(refs openapi3.SchemaRefs, keyword string) []*schema {
		var out []*schema
		for i, ref := range refs {
			out = append(out, c.schema(ref, at.below(keyword, fmt.Sprint(i))))
		}
		return out
	}
	s.allOf, s.anyOf, s.oneOf = list(k.AllOf, "allOf"), list(k.AnyOf, "anyOf"), list(k.OneOf, "oneOf")
	s.not = c.schema(k.Not, at.below("not"))
	s.items = c.schema(k.Items, at.below("items"))
	s.hasPropertyNames = len(k.Properties) > 0
	if s.hasPropertyNames {
		s.properties = make(map[string]*schema, len(k.Properties))
		for name, ref := range k.Properties {
			s.properties[name] = c.schema(ref, at.below("properties", name))
		}
	}
	if has := k.AdditionalProperties.Has; has != nil {
		s.closed, s.free = !*has, *has
	}
	if k.AdditionalProperties.Schema != nil {
		s.additional, s.free = c.schema(k.AdditionalProperties.Schema, at.below("additionalProperties")), true
	}
	s.discriminator = c.discriminator(s, k)
	return s
}

// discriminator compiles the mapping and the names that stand for themselves:
// those of the union's variants, or of the schemas that extend s by allOf.
func (c *compiler) discriminator(s *schema, k *openapi3.Schema) *discriminator {
	if k.Discriminator == nil {
		return nil
	}
	d := &discriminator{property: k.Discriminator.PropertyName, variants: map[string]*schema{}}
	mapping := s.at.below("discriminator", "mapping")
	for _, value := range c.spec.sources.names(mapping) {
		ref := c.spec.sources.text(mapping.below(value))
		at := c.spec.root.below("components", "schemas", ref)
		if strings.ContainsAny(ref, "#/.") {
			at, _ = c.spec.sources.follow(s.at.file, ref)
		}
		d.variants[value] = c.variant(s, at)
		d.values = append(d.values, value)
	}
	mapped := len(d.values) > 0
	for _, v := range slices.Concat(s.oneOf, s.anyOf) {
		c.implicit(d, v, mapped)
	}
	if len(s.oneOf)+len(s.anyOf) == 0 && c.doc.Components != nil {
		schemas := c.spec.root.below("components", "schemas")
		for _, name := range c.spec.sources.names(schemas) {
			ref := c.doc.Components.Schemas[name]
			if ref == nil || ref.Value == nil {
				continue
			}
			extends := func(i int) bool {
				return c.spec.sources.resolve(schemas.below(name, "allOf", fmt.Sprint(i))) == s.at
			}
			for i := range ref.Value.AllOf {
				if extends(i) {
					c.implicit(d, c.schema(ref, schemas.below(name)), mapped)
				}
			}
		}
	}
	return d
}

func (c *compiler) implicit(d *discriminator, v *schema, mapped bool) {
	name := v.at.name()
	if _, taken := d.variants[name]; !taken {
		d.variants[name] = v
		if !mapped {
			d.values = append(d.values, name)
		}
	}
}

// variant finds the schema that a mapping leads to, among the variants of the
// union or among the components.
func (c *compiler) variant(s *schema, at location) *schema {
	at = c.spec.sources.resolve(at)
	for _, v := range slices.Concat(s.oneOf, s.anyOf) {
		if v.at == at {
			return v
		}
	}
	if at.file == c.spec.root.file && strings.HasPrefix(at.pointer, "/components/schemas/") && c.doc.Components != nil {
		return c.schema(c.doc.Components.Schemas[at.name()], at)
	}
	return nil
}

// label names a schema for a reader: the component's name, or its place.
func (s *schema) label() string {
	if dir, name, found := strings.Cut(s.at.pointer, "/components/schemas/"); found && dir == "" && !strings.Contains(name, "/") {
		return s.at.name()
	}
	return s.at.pointer
}

// kind is the type that a schema asks for, by itself or through allOf; empty for any.
func (s *schema) kind() string {
	if s == nil {
		return ""
	}
	kind := s.types
	for _, part := range s.allOf {
		kind = cmp.Or(kind, part.kind())
	}
	return kind
}

// saysNothing tells that every body fits: no schema, or one for bytes.
func (s *schema) saysNothing() bool {
	return s == nil || s.format == "binary" ||
		len(s.keywords)+len(s.allOf)+len(s.anyOf)+len(s.oneOf)+len(s.properties)+len(s.required) == 0 &&
			s.types == "" && s.not == nil && s.items == nil && s.format == ""
}

// A result is what a walk found: findings, and the sightings that stand if the
// schema applies.
type result struct {
	findings  []Finding
	sightings []sighting
}

type sighting struct {
	value  *value
	at     *pointer
	schema *schema
}

func (r *result) merge(o result) {
	r.findings = append(r.findings, o.findings...)
	r.sightings = append(r.sightings, o.sightings...)
}

func (r result) broken() bool {
	return slices.ContainsFunc(r.findings, func(f Finding) bool { return f.Severity == SeverityBroken })
}

// A walk holds one value against one schema.
type walk struct {
	*judgement
	part Part
	// tried remembers what the branches of unions came to: without it, schemas
	// that nest unions in unions take time that doubles with each level.
	tried  map[attempt]result
	unions int // how many unions the walk is inside of
	loops  int // how often a schema was met inside of itself
}

type attempt struct {
	schema *schema
	value  *value
}

// schema holds a value against a schema and gives all findings, with pointers
// below at. A nil schema finds nothing.
func (j *judgement) schema(s *schema, v *value, part Part, at *pointer) []Finding {
	if s == nil {
		return nil
	}
	w := walk{judgement: j, part: part, tried: map[attempt]result{}}
	r := w.apply(s, v, at)
	return append(r.findings, w.undeclared(r.sightings)...)
}

// finding makes a finding about a value, at a keyword of a schema. Secrets are
// marked here, where the schema is known.
func (w *walk) finding(rule Rule, s *schema, keyword string, v *value, at *pointer, want, got string) Finding {
	f := Finding{
		Rule: rule, Severity: severity(rule), Direction: w.direction,
		Part: w.part, Pointer: at.String(), Source: w.inBody(v.start),
		Spec: w.spec.sources.place(s.at.below(strings.Split(keyword, "/")...)), Keyword: keyword,
		Want: want, Got: got,
	}
	if i := strings.IndexByte(keyword, '/'); i >= 0 {
		f.Keyword = keyword[:i]
	}
	if w.spec.showValues && v.kind < kindArray {
		f.Value = v.text
		if v.kind < kindNumber {
			f.Value = map[kind]string{kindNull: "null", kindBoolean: fmt.Sprint(v.bool)}[v.kind]
		}
	}
	return f
}

// apply holds v against s.
func (w *walk) apply(s *schema, v *value, at *pointer) (r result) {
	if s == nil {
		return result{}
	}
	if slices.Contains(v.above, s) {
		w.loops++
		return result{} // a schema that contains itself without descending adds nothing
	}
	if w.unions > 0 {
		if r, known := w.tried[attempt{s, v}]; known {
			return r
		}
		loops := w.loops
		defer func() {
			// What a loop cut short is true only inside of that loop.
			if w.loops == loops {
				w.tried[attempt{s, v}] = r
			}
		}()
	}
	v.above = append(v.above, s)
	defer func() { v.above = v.above[:len(v.above)-1] }()

	if s.secret {
		w.conceal(v)
	}
	if v.kind == kindNull && s.nullable {
		// The schema says so itself, whatever it is made of besides; only a list of
		// values still has to name null (OAS 3.0.3, Schema Object, nullable).
		r.findings = w.checkNull(s, v, at)
		return r
	}
	if f, ok := w.checkType(s, v, at); !ok {
		r.findings = append(r.findings, f)
		return r
	}
	r.findings = append(r.findings, w.checkKeywords(s, v, at)...)
	switch v.kind {
	case kindArray:
		for i, item := range v.items {
			r.merge(w.apply(s.items, item, at.index(i)))
		}
	case kindObject:
		w.object(&r, s, v, at)
	}
	for _, part := range s.allOf {
		r.merge(w.apply(part, v, at))
	}
	if s.not != nil && !w.apply(s.not, v, at).broken() {
		r.findings = append(r.findings, w.finding(SchemaMismatch, s, "not", v, at, "a value that "+s.not.label()+" does not describe", "one that it describes"))
	}
	if s.discriminator != nil && v.kind == kindObject {
		w.discriminate(&r, s, v, at)
	} else {
		w.unionsOf(&r, s, v, at)
	}
	return r
}

func (w *walk) unionsOf(r *result, s *schema, v *value, at *pointer) {
	if s.oneOf != nil {
		w.union(r, s, "oneOf", s.oneOf, v, at)
	}
	if s.anyOf != nil {
		w.union(r, s, "anyOf", s.anyOf, v, at)
	}
}

func (w *walk) object(r *result, s *schema, v *value, at *pointer) {
	r.sightings = append(r.sightings, sighting{v, at, s})
	for i, name := range s.required {
		if v.get(name) != nil || w.excuses(s.properties[name]) {
			continue
		}
		f := w.finding(SchemaMismatch, s, fmt.Sprintf("required/%d", i), v, at.member(name), "property "+quote(name), "none")
		f.Value = ""
		r.findings = append(r.findings, f)
	}
	for _, m := range v.members {
		below := at.member(m.name)
		property, declared := s.properties[m.name]
		if s.names != nil && !s.names.MatchString(m.name) {
			r.findings = append(r.findings, w.finding(SchemaMismatch, s, extensionPropertyNames, m.value, below,
				"a name that matches "+s.names.String(), "another name"))
		}
		if !declared {
			if property = s.additional; s.closed {
				r.findings = append(r.findings, w.finding(SchemaMismatch, s, "additionalProperties", m.value, below,
					"no property that is not declared", "one"))
			}
		}
		// OAS 3.0.3, Schema Object, readOnly and writeOnly.
		switch {
		case property != nil && property.writes && w.direction == InResponse:
			r.findings = append(r.findings, w.finding(WriteOnlyReturned, property, "writeOnly", m.value, below, "no write-only property", m.value.kind.String()))
			w.conceal(m.value)
		case property != nil && property.reads && w.direction == InRequest:
			r.findings = append(r.findings, w.finding(ReadOnlySent, property, "readOnly", m.value, below, "no read-only property", m.value.kind.String()))
		default:
			r.merge(w.apply(property, m.value, below))
		}
	}
}

// conceal keeps every scalar of a value out of the report.
func (w *walk) conceal(v *value) {
	if v.text != "" {
		w.secrets = append(w.secrets, v.text)
	}
	for _, item := range v.items {
		w.conceal(item)
	}
	for _, m := range v.members {
		w.conceal(m.value)
	}
}

// excuses tells that a required property need not come in this direction.
func (w *walk) excuses(property *schema) bool {
	return property != nil && (property.reads && w.direction == InRequest || property.writes && w.direction == InResponse)
}

// discriminate lets the discriminator choose the schema.
func (w *walk) discriminate(r *result, s *schema, v *value, at *pointer) {
	d := s.discriminator
	union := len(s.oneOf)+len(s.anyOf) > 0
	tag := v.get(d.property)
	below := at.member(d.property)
	// Behind an unknown variant everything is unknown.
	free := sighting{v, at, &schema{free: true}}
	const keyword = "discriminator"
	var chosen *schema
	mapped := false
	if tag != nil {
		chosen, mapped = d.variants[tag.text]
	}
	switch {
	case tag == nil && !union:
		// A parent is not a choice; whether the property has to come is `required`'s to say.
	case tag == nil:
		f := w.finding(SchemaMismatch, s, keyword, v, below, "property "+quote(d.property), "none")
		r.findings = append(r.findings, f)
		r.sightings = append(r.sightings, free)
	case tag.kind != kindString:
		r.findings = append(r.findings, w.finding(SchemaMismatch, s, keyword, tag, below, "string", tag.kind.String()))
		r.sightings = append(r.sightings, free)
	case mapped && chosen == nil:
		w.unionsOf(r, s, v, at)
	case mapped:
		one := w.apply(chosen, v, at)
		for i := range one.findings {
			f := &one.findings[i]
			f.Variant = cmp.Or(f.Variant, chosen.label())
		}
		r.merge(one)
	case s.open:
		r.findings = append(r.findings, w.finding(NewVariant, s, keyword, tag, below, oneOfValues(d.values), "another value"))
		r.sightings = append(r.sightings, free)
	case union || len(d.values) > 0 && s.label() != tag.text:
		r.findings = append(r.findings, w.finding(SchemaMismatch, s, keyword, tag, below, oneOfValues(d.values), "another value"))
		r.sightings = append(r.sightings, free)
	}
}

// union holds v against every branch. All branches of anyOf that v fits say what
// is declared; of oneOf there must be exactly one.
func (w *walk) union(r *result, s *schema, keyword string, branches []*schema, v *value, at *pointer) {
	w.unions++
	defer func() { w.unions-- }()
	results := make([]result, len(branches))
	var fit []int
	for i, branch := range branches {
		results[i] = w.apply(branch, v, at)
		if !results[i].broken() {
			fit = append(fit, i)
		}
	}
	// A branch that v fits as it is written comes before one that it fits only
	// because something in it is open.
	clean := slices.DeleteFunc(slices.Clone(fit), func(i int) bool { return len(results[i].findings) > 0 })
	if len(clean) > 0 {
		fit = clean
	}
	labels := make([]string, len(branches))
	for i, branch := range branches {
		labels[i] = branch.label()
	}
	switch {
	case len(fit) == 0 && s.open && s.discriminator == nil:
		// With a discriminator, what is open is its values: any variant is an object.
		r.findings = append(r.findings, w.finding(NewVariant, s, keyword, v, at, "one of "+list(labels), v.kind.String()))
		r.sightings = append(r.sightings, sighting{v, at, &schema{free: true}})
	case len(fit) == 0:
		nearest := 0
		for i := range branches {
			if near(results[i]) > near(results[nearest]) {
				nearest = i
			}
		}
		f := w.finding(SchemaMismatch, s, keyword, v, at, "one of "+list(labels), v.kind.String())
		f.Variant, f.Inner = labels[nearest], results[nearest].findings
		r.findings = append(r.findings, f)
		r.sightings = append(r.sightings, sighting{v, at, &schema{free: true}})
	case keyword == "oneOf" && len(clean) > 1:
		var both []string
		for _, i := range clean {
			both = append(both, labels[i])
		}
		r.findings = append(r.findings, w.finding(SchemaMismatch, s, keyword, v, at, "exactly one of "+list(labels), "a value that fits "+strings.Join(both, " and ")))
		r.merge(results[clean[0]])
	case keyword == "oneOf":
		r.merge(results[fit[0]])
	default:
		for _, i := range fit {
			r.merge(results[i])
		}
	}
}

// near measures how close a value came to a branch: a mismatch deep inside
// means that all above it fit; then fewer are nearer.
func near(r result) int {
	deepest, count := 0, 0
	for _, f := range r.findings {
		if f.Severity == SeverityBroken {
			deepest = max(deepest, strings.Count(f.Pointer, "/"))
			count++
		}
	}
	return deepest*1000 - min(count, 999)
}

// undeclared compares what came with what the schemas that applied declare.
func (w *walk) undeclared(sightings []sighting) []Finding {
	byValue := map[*value][]sighting{}
	var order []*value
	for _, s := range sightings {
		if byValue[s.value] == nil {
			order = append(order, s.value)
		}
		byValue[s.value] = append(byValue[s.value], s)
	}
	var out []Finding
	for _, v := range order {
		seen := byValue[v]
		// An object of which no schema says a word about properties is anybody's.
		speaks := slices.ContainsFunc(seen, func(s sighting) bool { return s.schema.hasPropertyNames })
		free := slices.ContainsFunc(seen, func(s sighting) bool { return s.schema.free || s.schema.closed })
		if !speaks || free {
			continue
		}
		for _, m := range v.members {
			if slices.ContainsFunc(seen, func(s sighting) bool { _, ok := s.schema.properties[m.name]; return ok }) {
				continue
			}
			i := slices.IndexFunc(seen, func(s sighting) bool { return s.schema.hasPropertyNames })
			out = append(out, w.finding(UndeclaredProperty, seen[i].schema, "properties", m.value, seen[i].at.member(m.name), "no such property", m.value.kind.String()))
		}
	}
	return out
}
