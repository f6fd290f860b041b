package policy

import (
	"fmt"
	"slices"
	"strings"
)

// maxAuthority is GDPR art. 33(1).
var maxAuthority = Span{72, Hour}

// breach checks the clocks of GDPR arts. 33 and 34.
func (c *checker) breach() {
	b := c.t.Breach
	if s := b.Authority.Within; !s.IsZero() && s.Exceeds(maxAuthority) {
		c.error("breach.authority.within", FaultAuthorityClock, "GDPR art. 33(1), K26", fmt.Sprintf("the authority would be told after %s; the law allows 72h", s),
			"set 72h or less, in hours")
	}
	if s := b.Processor.Within; !s.IsZero() && s.Exceeds(maxAuthority) {
		c.error("breach.processor.within", FaultProcessorClock, "GDPR art. 33(2), A6", fmt.Sprintf("%s is not without undue delay", s), "set 72h or less; 24h is the default")
	}
	if c.acts(Processor) && isNot(b.Processor.Contractual) {
		c.warn("breach.processor", FaultProcessorClock, "A8", fmt.Sprintf("the terms give the processor no hours; %s is used and is not contractual", b.Processor.Within),
			"agree hours with the controller and set contractual: true")
	}
	if s := b.Joint.Agree; !s.IsZero() && s.Exceeds(maxAuthority) {
		c.error("breach.joint.agree", FaultAuthorityClock, "K26, A8", fmt.Sprintf("%s to agree whose part a breach is in leaves no time to notify", s), "set less than 72h; 24h is the default")
	}
	for _, item := range []string{"nature", "contact", "consequences", "measures"} {
		if len(b.Content.Items) > 0 && !slices.Contains(b.Content.Items, item) {
			c.error("breach.content.items", FaultContent, "GDPR art. 33(3)", fmt.Sprintf("the notice lacks %q", item), "list nature, contact, consequences, measures")
		}
	}
	last := 0.0
	for _, w := range b.Warn {
		if w <= last || w >= 1 {
			c.error("breach.warn", FaultWarn, "K26", "warning shares must rise and lie between 0 and 1", "write for example [0.5, 0.75, 0.9]")
			break
		}
		last = w
	}
	n := b.NIS2
	for path, limit := range map[string][2]Span{"breach.nis2.warning": {n.Warning, {24, Hour}}, "breach.nis2.notification": {n.Notification, {72, Hour}}, "breach.nis2.final": {n.Final, {1, Month}}} {
		if limit[0].Exceeds(limit[1]) && !limit[0].IsZero() {
			c.error(path, FaultAuthorityClock, "NIS2 art. 23(4), D", fmt.Sprintf("%s is over the %s of the law", limit[0], limit[1]), "set "+limit[1].String()+" or less")
		}
	}
	if is(b.Authority.EachOwn) && !c.acts(JointController) {
		c.error("breach.authority.each_own", FaultRoles, "K26", "each_own is for joint controllers, and no processing has any", "remove it, or give the parties the role joint_controller")
	}
}

// acts reports whether some party has the role in some processing.
func (c *checker) acts(r Role) bool {
	for _, p := range c.t.Processings {
		for _, role := range p.Roles {
			if role == r {
				return true
			}
		}
	}
	return false
}

// logs checks the statutory log (ZVOP-2 art. 22) where a processing declares it.
func (c *checker) logs() {
	statute := c.t.LogStatute
	for _, id := range sortedKeys(c.t.Processings) {
		p := c.t.Processings[id]
		if isNot(p.Declared) && p.Special && p.Systematic {
			c.error("processings."+id+".log_law", FaultLogDeclared, "ZVOP-2 art. 22(1), L11", "large-scale special categories, declared free of the statutory log", "set log_law: true, and keep the log at least "+statute.Minimum.String()+" from the end of the year")
		}
	}
	for _, id := range sortedKeys(c.t.Logs) {
		l, path := c.t.Logs[id], "logs."+id
		p, ok := c.t.Processings[l.Processing]
		if !ok {
			c.error(path+".processing", FaultRefers, Strict, fmt.Sprintf("no processing %q", l.Processing), "name one of: "+strings.Join(sortedKeys(c.t.Processings), ", "))
			continue
		}
		if l.Period.IsZero() != (l.Trigger == TicketEnd) {
			c.error(path, FaultRetention, "K15, K16", "a log has either a period or the trigger ticket_end", "give period, or trigger: ticket_end alone")
			continue
		}
		if !p.LogLaw() || statute.Minimum.IsZero() {
			continue
		}
		if short(l, statute.Minimum) {
			c.error(path+".period", FaultLogMinimum, "ZVOP-2 art. 22, ZVOP22_LOG_2Y", fmt.Sprintf("log of a processing declared under the law is kept %s from %s; the least is %s from the end of the calendar year", l.Period, l.Trigger, statute.Minimum),
				fmt.Sprintf("set trigger: end_of_year and period: %s or more, or declare log_law: false with its clause", statute.Minimum))
		}
		if l.Trigger == EndOfYear && !statute.Maximum.IsZero() && l.Period.Exceeds(statute.Maximum) {
			c.error(path+".period", FaultLogMaximum, "ZVOP-2 art. 22, ZVOP22_LOG_5Y", fmt.Sprintf("%s is over the greatest term of %s", l.Period, statute.Maximum), "set "+statute.Maximum.String()+" or less")
		}
	}
}

// short reports whether an entry could go before minimum has passed since the
// end of its calendar year. Counted from the entry itself that takes a year more.
func short(l Log, minimum Span) bool {
	if l.Trigger == EndOfYear {
		return l.Period.Below(minimum) || l.Bound == Before && !minimum.Below(l.Period)
	}
	whole := Span{minimum.N + 1, minimum.Unit}
	return l.Trigger != Event || l.Bound == Before || l.Period.Below(whole)
}

// transfers checks sub-processors and storage (GDPR arts. 28(2), 28(4), 44).
func (c *checker) transfers() {
	s := c.t.SubProcessing
	if s.Authorisation == "general" && s.Notice.IsZero() {
		c.error("subprocessing", FaultSubProcessing, "GDPR art. 28(2), L04", "a general authorisation without a notice period leaves no time to object", "set notice, for example 7d")
	}
	if s.Authorisation != "" && !slices.Contains([]string{"general", "prior_written"}, s.Authorisation) {
		c.error("subprocessing.authorisation", FaultSubProcessing, "GDPR art. 28(2)", fmt.Sprintf("authorisation %q is neither of the two that the law knows", s.Authorisation), "write general or prior_written")
	}
	if s.Silence == "approves" && s.Authorisation == "prior_written" {
		c.error("subprocessing.silence", FaultSubProcessing, "GDPR art. 28(2), S15", "silence is not prior written consent", "write silence: never")
	}
	if v := c.t.Storage.Transfers; v != "" && v != "never" && v != "on_instruction" {
		c.error("storage.transfers", FaultStorage, "GDPR art. 44, K19", fmt.Sprintf("transfers %q is unknown", v), "write never or on_instruction")
	}
	for i, country := range c.t.Storage.Countries {
		if !country.InEEA() && c.t.Storage.Transfers == "never" {
			c.error("storage.countries", FaultStorage, "K19, GDPR art. 44", fmt.Sprintf("entry %d: %s lies outside the EEA while transfers are never allowed", i+1, country), "remove the country, or allow transfers on_instruction with a tool")
		}
	}
	for _, id := range sortedKeys(c.t.SubProcessors) {
		sub := c.t.SubProcessors[id]
		path := "subprocessors." + id
		if sub.Country.InEEA() {
			continue
		}
		switch {
		case c.t.Storage.Transfers == "never":
			c.error(path, FaultTransfer, "K19, GDPR art. 44", fmt.Sprintf("%s is in %s, and the pack forbids transfers", sub.Name, sub.Country), "choose a sub-processor in the EEA")
		case sub.Instruction == "" || sub.Tool == "":
			c.error(path, FaultTransfer, "L05, GDPR arts. 28(3)(a), 44 to 49", fmt.Sprintf("%s is in %s, outside the EEA, without %s", sub.Name, sub.Country, missing(sub)),
				"add instruction (document and date) and tool (adequacy, scc, bcr, derogation), or mark known_defect (fault: transfer) with usable: false")
		}
		if _, mark := c.at(path, FaultTransfer); mark != nil && !isNot(sub.Usable) {
			c.add(mustValue(c.at(path, "")), Error, path, FaultTransfer, "L05, GDPR art. 44", "marked as a known defect but not closed for data", "set usable: false")
		}
	}
}

func missing(s SubContract) string {
	switch {
	case s.Instruction == "" && s.Tool == "":
		return "a documented instruction and a transfer tool"
	case s.Instruction == "":
		return "a documented instruction"
	}
	return "a transfer tool"
}

func mustValue(v *value, _ *defect) *value { return v }

// consent checks what the law says of consent and bases (GDPR arts. 6 to 9).
func (c *checker) consent() {
	if is(c.t.Consent.Bundled) {
		c.error("consent.bundled", FaultConsent, "GDPR art. 7(2), 7(4), P02", "consent inside accepted terms is not consent", "ask for it apart, and rest the contract's own data on the contract")
	}
	if is(c.t.Consent.Retroactive) {
		c.error("consent.retroactive", FaultConsent, "GDPR art. 7(3), P03", "withdrawal does not reach back", "remove it")
	}
	for _, f := range []Field{BirthNumber} {
		if c.pack.Jurisdiction == "SK" && c.pack.Kind == Party && !slices.Contains(c.t.Consent.NeverPublic, f) {
			c.error("consent.never_public", FaultConsent, "P04, Act 18/2018 § 78(4)", "the general identifier may be published", "list birth_number")
		}
	}
	for _, id := range sortedKeys(c.t.Processings) {
		p := c.t.Processings[id]
		for _, class := range sortedKeys(p.Basis) {
			b := p.Basis[class]
			if rule, ok := c.t.Bases[b]; p.Special && p.On() && ok && isNot(rule.Special) {
				c.error("processings."+id+".basis", FaultBasis, "GDPR art. 9, P01", fmt.Sprintf("special categories of %s rest on %s", class, b), "name a basis that art. 9(2) knows, or mark known_defect (fault: basis) with active: false")
			}
		}
		if p.Reuses != "" && p.On() {
			c.error("processings."+id+".active", FaultPurpose, "GDPR arts. 5(1)(b), 28(10), A8", fmt.Sprintf("a processor's own use of the data of %q makes it a controller", p.Reuses), "leave it out, or mark known_defect (fault: own-purpose) with active: false and the limits it is kept within")
		}
		if _, ok := c.t.Processings[p.Reuses]; p.Reuses != "" && !ok {
			c.error("processings."+id+".reuses", FaultRefers, Strict, fmt.Sprintf("no processing %q", p.Reuses), "name one of: "+strings.Join(sortedKeys(c.t.Processings), ", "))
		}
	}
}
