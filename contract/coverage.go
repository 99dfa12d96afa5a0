package contract

// A Coverage counts which of the responses that a document promises were seen: a
// green run proves nothing about the others.
type Coverage struct {
	rows []CoverageRow
}

// A CoverageRow is one response of one operation.
type CoverageRow struct {
	Operation Operation
	Response  string // the key of `responses`: "200", "2XX", "default"
	Seen      int    // exchanges that it answered, and that were judged
}

// NewCoverage counts from zero.
func (s *Spec) NewCoverage() *Coverage {
	c := &Coverage{}
	for _, op := range s.documented {
		for _, a := range op.responses {
			c.rows = append(c.rows, CoverageRow{Operation: op.Operation, Response: a.key})
		}
	}
	return c
}

// Count adds an exchange. One that was not judged to the end covers nothing.
func (c *Coverage) Count(v Verdict) {
	if v.Outcome == Unjudged || v.Outcome == Skipped {
		return
	}
	for i, row := range c.rows {
		if row.Operation == v.Operation && row.Response == v.Response {
			c.rows[i].Seen++
		}
	}
}

// Rows lists all responses in the order of the document.
func (c *Coverage) Rows() []CoverageRow { return c.rows }
