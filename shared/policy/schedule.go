package policy

import (
	"strings"
	"time"
)

// AgreedRule is the id of a rule of a retention schedule as an agreement has it,
// where that differs from the general terms: "platform@business".
func AgreedRule(rule, agreement string) string { return rule + "@" + agreement }

// OfferFor is the archive to which data of a class of person in a store are to be
// offered before they go, where the terms for the service say so, and the clause.
func (p *Pack) OfferFor(store System, of Class, class RetentionClass, service string, at time.Time) (o Offer, clause string, ok bool) {
	dated := p.ForService(service)
	t := dated.At(at)
	for _, id := range t.RetentionFor(store, of) {
		if r := t.Retention[id]; r.Class == class && r.Trigger != ContractEnd {
			return r.Offer, dated.Cite("retention."+id+".offer.to", at), r.Offer.To != ""
		}
	}
	return o, "", false
}

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
