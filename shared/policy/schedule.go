package policy

import (
	"strings"
	"time"
)

// AgreedRule is the id of a rule of a retention schedule as an agreement has it,
// where that differs from the general terms: "platform@business".
func AgreedRule(rule, agreement string) string { return rule + "@" + agreement }

// RetentionClause cites the clause behind the period of a rule of the retention
// schedule, by its id in the general terms or by AgreedRule; "" if there is none.
func (p *Pack) RetentionClause(rule string, at time.Time) string {
	rule, agreement, agreed := strings.Cut(rule, "@")
	path := "retention." + rule + ".period"
	if !agreed {
		return p.Cite(path, at)
	}
	if a, ok := p.agreements[agreement]; ok {
		return a.Cite(path, at)
	}
	return ""
}
