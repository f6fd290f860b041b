package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// parties checks roles: they attach to a processing, and fit each other.
func (c *checker) parties() {
	for _, id := range sortedKeys(c.t.Processings) {
		p, path := c.t.Processings[id], "processings."+id+".roles"
		count := map[Role]int{}
		for _, party := range sortedKeys(p.Roles) {
			count[p.Roles[party]]++
			c.names(path, "party", party, sortedKeys(c.t.Parties))
		}
		switch joint := count[JointController]; {
		case joint == 1:
			c.error(path, FaultRoles, "GDPR art. 26, K08", "one joint controller alone", "name the other, or write controller")
		case joint > 0 && count[Controller] > 0:
			c.error(path, FaultRoles, "GDPR art. 26", "a sole controller beside joint controllers", "make all of them joint_controller, or split the processing")
		case count[Processor] > 0 && joint+count[Controller] == 0:
			c.error(path, FaultRoles, "GDPR art. 28", "a processor without a controller", "name the controller it works for")
		case count[SubProcessor] > 0 && count[Processor] == 0:
			c.error(path, FaultRoles, "GDPR art. 28(4)", "a sub-processor without a processor", "name the processor it works for")
		}
	}
	if c.agree != nil {
		at := &value{line: c.agree.line, layer: c.agree.versions[0]}
		known := func(what, id string, known []string) {
			if !slices.Contains(known, id) {
				c.add(at, Error, "", FaultRefers, Strict, fmt.Sprintf("agreement %q: no %s %q", c.agree.ID, what, id), "use one of: "+strings.Join(known, ", "))
			}
		}
		known("party", c.agree.Party, sortedKeys(c.t.Parties))
		for _, s := range c.agree.Services {
			known("service", s, sortedKeys(c.t.Services))
		}
	}
}

// names reports a reference to something that is not there.
func (c *checker) names(path, what, id string, known []string) {
	if !slices.Contains(known, id) {
		c.error(path, FaultRefers, Strict, fmt.Sprintf("no %s %q", what, id), "use one of: "+strings.Join(known, ", "))
	}
}

// service checks hours, services and the fields they may hold (K01, K03, K09).
func (c *checker) service() {
	for _, id := range sortedKeys(c.t.Hours) {
		h, path := c.t.Hours[id], "hours."+id
		if from, to := h.From.Minutes(), h.To.Minutes(); from < 0 || to <= from {
			c.error(path, FaultHours, "K01", fmt.Sprintf("opens %s, closes %s", h.From, h.To), "from must come before to, within one day")
		}
		for _, d := range h.Days {
			if !slices.Contains(weekdays, d) {
				c.error(path+".days", FaultHours, "K01", fmt.Sprintf("unknown day %q", d), "use mon … sun")
			}
		}
		if h.Holidays != "closed" {
			c.error(path+".holidays", FaultHours, "K01", "work-free days are not settled", "write closed; days that are worked go under holidays, with work_free: false")
		}
	}
	if _, err := c.t.Calendar(); err != nil && c.pack.Kind == Party {
		c.error("holidays", FaultHours, "K01", err.Error(), "give each existing date a name, work_free and law")
	}
	for _, id := range sortedKeys(c.t.Services) {
		s, path := c.t.Services[id], "services."+id
		c.names(path+".custodian", "party", s.Custodian, sortedKeys(c.t.Parties))
		var held = map[Class][]Field{}
		for system, byClass := range s.Fields {
			for class, fs := range byClass {
				for _, f := range fs {
					if !written(f) && !slices.Contains(c.t.Allowed[system][class], f) {
						c.error(fmt.Sprintf("%s.fields.%s.%s", path, system, class), FaultFields, "K09", fmt.Sprintf("field %q of class %s is not on the list allowed for the %s", f, class, system),
							"take it out, or add it to allowed with the clause that allows it")
					}
				}
				held[class] = append(held[class], fs...)
			}
		}
		for _, class := range sortedKeys(s.Escalate) {
			for _, f := range s.Escalate[class] {
				if !written(f) && !slices.Contains(held[class], f) {
					c.error(fmt.Sprintf("%s.escalate.%s", path, class), FaultFields, "K03, K09", fmt.Sprintf("field %q of class %s would be shown to the second level but is not held", f, class), "take it out, or list it under fields")
				}
			}
		}
	}
	for _, ch := range channels {
		if u := c.t.Conversation.IdleOn(ch).Unit; u == Month || u == Year {
			c.error("conversation", FaultHours, "K04", fmt.Sprintf("idle time on %s is counted in months or years", ch), "write minutes, hours or days, such as 24h")
			break
		}
	}
	if c.pack.Kind == Party && len(c.t.Lines) > 0 && c.t.Conversation.IdleOther.IsZero() {
		c.error("conversation", FaultHours, "K04", "no idle time for conversations", "set idle_other, for example 24h")
	}
}

// written reports whether a field is what a person writes: it is stored as
// written (ekc 7.7, A8), and only structured fields are bound to a list.
func written(f Field) bool { return f == Subject || f == Details || f == FreeText || f == Attachment }

// lines checks that no account serves two classes (K02).
func (c *checker) lines() {
	taken := map[string]string{}
	for _, id := range sortedKeys(c.t.Lines) {
		l, path := c.t.Lines[id], "lines."+id
		for _, a := range l.Account {
			key := string(l.Channel) + " " + c.t.account(l.Channel, a)
			if other, ok := taken[key]; ok && other != id {
				c.error(path, FaultLine, "K02", fmt.Sprintf("account is also the line %q", other), "one line for each account: the account decides the class of person")
			}
			taken[key] = id
		}
		if only, ok := c.t.Classes.Only[l.Channel]; ok && only != l.Class {
			c.error(path+".class", FaultLine, "K02", fmt.Sprintf("the channel %s is only for %s", l.Channel, only), "change the class or the channel")
		}
		if l.Class == Anyone {
			c.error(path+".class", FaultLine, "K02", "a line serves one class of person", "name the class")
		}
		if l.Service != "" {
			c.names(path+".service", "service", l.Service, sortedKeys(c.t.Services))
		}
	}
	if c.t.Classes.Default == Anyone || len(c.t.Lines) > 0 && c.t.Classes.Default == "" {
		c.error("classes.default", FaultLine, "K02", "no class for persons on an unknown line", "name the class with the fewest data, such as other")
	}
}

// retention checks the retention schedule and anonymisation (K13 to K18).
func (c *checker) retention() {
	for _, class := range sortedKeys(c.t.RetentionClasses) {
		k, path := c.t.RetentionClasses[class], "retention_classes."+string(class)
		c.within(path+".period", k.Period, k)
		if !k.Floor.IsZero() && !k.Ceiling.IsZero() && k.Floor.Exceeds(k.Ceiling) {
			c.error(path, FaultRetention, "A7", fmt.Sprintf("floor %s is above the ceiling %s", k.Floor, k.Ceiling), "floor must not exceed ceiling")
		}
	}
	for _, id := range sortedKeys(c.t.Retention) {
		r, path := c.t.Retention[id], "retention."+id
		if _, _, err := r.Term(); err != nil {
			c.error(path+".period", FaultRetention, "A7", err.Error(), "write days, months or years, such as 5y")
		}
		if k, ok := c.t.RetentionClasses[r.Class]; ok {
			c.within(path+".period", r.Period, k)
		} else {
			c.error(path+".class", FaultRefers, "A7", fmt.Sprintf("retention class %q is not defined", r.Class), "define it under retention_classes")
		}
		if r.Action == Anonymise && len(c.t.Anonymisation.Modules) == 0 {
			c.error(path+".action", FaultAnonymisation, "K17", "anonymises, but the pack names no fields and generic terms", "add anonymisation.modules and anonymisation.generic")
		}
		if st := c.t.Anonymisation.Stores; r.Action == Anonymise && len(st) > 0 && !slices.Contains(st, r.Store) {
			c.error(path+".action", FaultAnonymisation, "K15", fmt.Sprintf("data of the %s are not anonymised but deleted", r.Store), "write action: delete, or add the store to anonymisation.stores")
		}
		c.offer(r, path+".offer")
	}
	for _, id := range sortedKeys(c.t.Logs) {
		l := c.t.Logs[id]
		if m := c.t.LogFor(l.Class); m.Trigger != l.Trigger || m.Period != l.Period || m.Bound != l.Bound {
			c.error("logs."+id, FaultRetention, "A7, K15", fmt.Sprintf("another log of the retention class %q is kept on other terms", l.Class), "give both logs one term, or put one in another retention class")
		}
		if _, _, err := l.Term(); err != nil && !l.Period.IsZero() {
			c.error("logs."+id+".period", FaultRetention, "A7, ZVOP22_LOG_2Y", err.Error(), "write days, months or years; from end_of_year whole years with bound after")
		}
		if k, ok := c.t.RetentionClasses[l.Class]; ok && !l.Period.IsZero() {
			c.within("logs."+id+".period", l.Period, k)
		}
	}
	a := c.t.Anonymisation
	for _, m := range sortedKeys(a.Modules) {
		for _, f := range a.Modules[m] {
			if g := a.Generic[f]; g == "" {
				c.error("anonymisation.modules."+string(m), FaultAnonymisation, "K17, K18", fmt.Sprintf("field %q has no generic term", f), "add it under anonymisation.generic")
			} else if strings.ContainsAny(g, "0123456789@{") {
				c.error("anonymisation.generic."+string(f), FaultAnonymisation, "K17", "a generic term is the same for every record", "write a plain word")
			}
		}
	}
	if len(a.Modules) > 0 && len(a.Keep) == 0 {
		c.error("anonymisation", FaultAnonymisation, "K17", "nothing is said to stay of an anonymised record", "list keep")
	}
}

// offer checks to whom archival material is offered first (ZVDAGA; A8). What an
// archive chooses from are cases of the service desk.
func (c *checker) offer(r Retention, path string) {
	if r.Offer == (Offer{}) {
		return
	}
	c.names(path+".to", "party", r.Offer.To, sortedKeys(c.t.Parties))
	if r.Store != Desk || r.Class != CaseData || r.Trigger == ContractEnd {
		c.error(path, FaultRetention, "A8", "only cases of the service desk are offered to an archive", "take it out here")
	}
	if _, err := r.Offer.Answer.Term(); err != nil {
		c.error(path+".answer", FaultRetention, "A8", "the archive has no time to answer", "write days, months or years, such as 60d")
	}
}

func (c *checker) within(path string, s Span, k Keeping) {
	if s.IsZero() {
		return
	}
	if !k.Floor.IsZero() && s.Below(k.Floor) {
		c.error(path, FaultRetention, "A7", fmt.Sprintf("%s is below the floor %s of its retention class", s, k.Floor), "raise it, or lower the floor with its clause")
	}
	if !k.Ceiling.IsZero() && s.Exceeds(k.Ceiling) {
		c.error(path, FaultRetention, "A7, GDPR art. 5(1)(e)", fmt.Sprintf("%s is over the ceiling %s of its retention class", s, k.Ceiling), "shorten it, or raise the ceiling with its clause")
	}
}

// requests checks limits and competence for data-subject requests (GDPR arts. 12 to 22).
func (c *checker) requests() {
	r := c.t.Requests
	month := Span{1, Month}
	if a := r.Answer; !a.Within.IsZero() && a.Within.Exceeds(month) {
		c.error("requests.answer.within", FaultAnswer, "GDPR art. 12(3), DSAR_1M", fmt.Sprintf("%s can be longer than one month", a.Within), "set 1m; a number of days may stand beside it as days, the earlier end counts")
	}
	if r.Extension.Total.Exceeds(Span{3, Month}) && !r.Extension.Total.IsZero() {
		c.error("requests.extension.total", FaultExtension, "GDPR art. 12(3), DSAR_3M", fmt.Sprintf("%s from receipt is over three months", r.Extension.Total), "set 3m or less")
	}
	if r.Extension.TellWithin.Exceeds(month) && !r.Extension.TellWithin.IsZero() {
		c.error("requests.extension.tell_within", FaultExtension, "GDPR art. 12(3), P20", "the person would learn of the extension after the month", "set 1m or less")
	}
	if r.Indirect.Exceeds(month) && !r.Indirect.IsZero() {
		c.error("requests.indirect", FaultAnswer, "GDPR art. 14(3)(a), P07", fmt.Sprintf("%s can be longer than one month", r.Indirect), "set 1m")
	}
	if isNot(r.Free) {
		c.error("requests.free", FaultRight, "GDPR art. 12(5), P20", "answers are free", "set free: true")
	}
	if is(r.Verify.CopiesOfID) {
		c.error("requests.verify.copies_of_id", FaultIDCopy, "P10, A8", "identity documents are not copied for identification alone", "set copies_of_id: false")
	}
	for _, p := range r.Decides {
		if slices.Contains(r.Advises, p) {
			c.error("requests.decides", FaultDecider, "GDPR art. 38(6), A8", fmt.Sprintf("%s both decides and advises", p), "let the officer decide and the data protection officer advise")
		}
	}
	if len(r.Decides) > 0 && slices.Contains(r.Decides, DPO) {
		c.error("requests.decides", FaultDecider, "GDPR art. 38(6), A8", "the data protection officer does not decide requests", "name officer")
	}
	need := []Right{Information, Access, Rectification, Erasure, Restriction, NotifyOthers, Objection, NoAutomation, Portability}
	for _, scope := range sortedKeys(r.Competence) {
		for _, right := range sortedKeys(r.Competence[scope]) {
			m, path := r.Competence[scope][right], fmt.Sprintf("requests.competence.%s.%s", scope, right)
			if m.By != "granter" {
				c.names(path+".by", "party", m.By, append(sortedKeys(c.t.Parties), "granter"))
			}
			if m.Outcome == Refused && m.Reason == "" {
				c.error(path+".outcome", FaultRight, "GDPR art. 12(4), K23", "refused without a reason", "name the text with the reason")
			}
			if m.Outcome == Refused && scope == JointData {
				c.error(path+".outcome", FaultRight, "GDPR arts. 15 to 22, P18", fmt.Sprintf("the right to %s is denied altogether", right), "grant it; single requests may be refused on the grounds of the law")
			}
			if m.Reason != "" {
				c.names(path+".reason", "text", m.Reason, sortedKeys(c.t.Texts))
			}
		}
	}
	if c.acts(JointController) {
		for _, right := range need {
			if _, ok := r.Competence[JointData][right]; !ok {
				c.error("requests.competence", FaultCompetence, "GDPR art. 26(1), K22", fmt.Sprintf("nobody is competent for %s of jointly controlled data", right), "name the party that answers it")
			}
		}
	}
	for path, key := range map[string]string{"not_joint": r.Routing.NotJoint, "other_party": r.Routing.OtherParty, "unclear": r.Routing.Unclear} {
		if key != "" {
			c.names("requests.routing."+path, "text", key, sortedKeys(c.t.Texts))
		}
	}
	if slices.Contains(c.t.Rights["erasure"].Needs, "ruling") {
		c.error("rights.erasure.needs", FaultRight, "GDPR art. 17(1)(d), P14, A8", "erasure of unlawfully processed data needs no ruling of an authority or court", "remove the demand")
	}
	if len(r.Package.Items) > 0 {
		for _, item := range []string{"purposes", "categories", "recipients", "period", "rights", "objection", "complaint", "source", "automated_decisions", "safeguards"} {
			if !slices.Contains(r.Package.Items, item) {
				c.error("requests.package.items", FaultRight, "GDPR art. 15(1), 15(2), P08", fmt.Sprintf("the access answer lacks %q", item), "add it")
			}
		}
	}
}

// contract checks dates and periods of changing and ending terms.
func (c *checker) contract() {
	ch := c.t.Changes
	if !ch.Notice.IsZero() && !ch.Withdraw.IsZero() && ch.Withdraw.Exceeds(ch.Notice) {
		path, last := "changes.withdraw_late", ch.WithdrawLate
		if last.IsZero() {
			path, last = "changes.withdraw", ch.Withdraw
		}
		if last.Exceeds(ch.Notice) {
			c.error(path, FaultNoticeDates, "S09", fmt.Sprintf("the last day to withdraw, %s before effect, comes before the notice, %s before effect", last, ch.Notice),
				"give notice earlier, or say under withdraw_late until when they may withdraw who are told later")
		}
	}
	for _, k := range sortedKeys(ch.Approvals) {
		if ch.Approvals[k] < 1 {
			c.error("changes.approvals."+k, FaultRoles, "K08", "no approval at all", "name how many written approvals it takes")
		}
	}
	if h := c.t.Audit.Hours; h != "" {
		c.names("audit.hours", "hours", h, sortedKeys(c.t.Hours))
	}
	known := append(sortedKeys(c.t.Parties), stringList(persons)...)
	for path, who := range map[string][]string{"incidents.own": c.t.Incidents.Own, "incidents.service": c.t.Incidents.Service, "incidents.custodian": c.t.Incidents.Custodian} {
		for _, id := range who {
			c.names(path, "party or person", id, known)
		}
	}
}

// texts checks that every text is there in every language of the pack.
func (c *checker) texts() {
	for _, key := range sortedKeys(c.t.Texts) {
		for _, l := range c.pack.Languages {
			if c.t.Texts[key].In[l] == "" {
				c.error("texts."+key+".in", FaultText, "K25", fmt.Sprintf("no text in %s, a language of the pack", l), "add it, or take the language off the pack")
			} else if want := blanks(c.t.Texts[key].In[c.pack.Languages[0]]); !slices.Equal(blanks(c.t.Texts[key].In[l]), want) {
				c.error("texts."+key+".in."+string(l), FaultText, "K25", fmt.Sprintf("the blanks differ from those in %s: %s", c.pack.Languages[0], strings.Join(want, " ")), "use the same blanks in every language")
			}
		}
	}
	if _, ok := c.t.Texts["first_answer"]; ok && c.t.Requests.Notices.Version == "" && len(c.t.Lines) > 0 {
		c.error("requests.notices", FaultText, "K25, P06", "the first answer refers to a privacy notice without a version", "set requests.notices.version")
	}
}

var blank = regexp.MustCompile(`\{[a-z_]+\}`)

// blanks lists what is filled in, sorted.
func blanks(text string) []string {
	b := blank.FindAllString(text, -1)
	slices.Sort(b)
	return b
}
