package inbound

import (
	"strings"
	"time"

	"github.com/okence/okence/shared/domain/contact"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/policy"
)

const (
	// outOfHours is the pack's text for whoever writes when nobody is there; what
	// is filled in: {hours}, {opens}.
	outOfHours = "out_of_hours"
	// serviceHours names the hours of the pack in which people are answered.
	serviceHours = "service"
)

// away is when we open next, in local time, if we are closed now and the person
// has not been told today; else zero. A day is one of the pack's zone.
func away(terms *policy.Terms, person *contact.Contact, now time.Time) time.Time {
	if _, ok := terms.Hours[serviceHours]; !ok {
		return time.Time{}
	}
	hours, err := terms.Open(serviceHours)
	if err != nil || hours.IsOpen(now) {
		return time.Time{}
	}
	opens, err := hours.NextOpening(now)
	if err != nil {
		return time.Time{}
	}
	const day = time.DateOnly
	if told := person.AwayAt; !told.IsZero() && told.In(opens.Location()).Format(day) == now.In(opens.Location()).Format(day) {
		return time.Time{}
	}
	return opens
}

// language is that of a text, or the tenant's first one.
func (f *function) language(tenant, text string) policy.Language {
	if l := message.LanguageOf(text); l != "" {
		return policy.Language(l)
	}
	if p, err := f.env.Policy.ForTenant(tenant); err == nil && len(p.Languages) > 0 {
		return p.Languages[0]
	}
	return ""
}

// week is the order of its days.
const week = "mon tue wed thu fri sat sun"

// days are the days of the week as our languages write them, short.
var days = map[policy.Language]map[string]string{
	"sl": {"mon": "pon.", "tue": "tor.", "wed": "sre.", "thu": "čet.", "fri": "pet.", "sat": "sob.", "sun": "ned."},
	"en": {"mon": "Mon", "tue": "Tue", "wed": "Wed", "thu": "Thu", "fri": "Fri", "sat": "Sat", "sun": "Sun"},
	"sk": {"mon": "po", "tue": "ut", "wed": "st", "thu": "št", "fri": "pi", "sat": "so", "sun": "ne"},
}

// fillHours fills in the blanks of the answer outside service hours.
func fillHours(text string, terms *policy.Terms, language policy.Language, opens time.Time) string {
	h := terms.Hours[serviceHours]
	named := days[language]
	if named == nil {
		named = days["en"]
	}
	var each []string
	for _, d := range h.Days {
		each = append(each, named[d])
	}
	open := strings.Join(each, ", ")
	if n := len(h.Days); n > 2 && strings.Contains(week, strings.Join(h.Days, " ")) {
		open = each[0] + "–" + each[n-1]
	}
	layout := "2. 1. 2006, 15:04"
	if language == "en" {
		layout = "2 January 2006, 15:04"
	}
	return strings.NewReplacer("{hours}", strings.TrimSpace(open+" "+string(h.From)+"–"+string(h.To)), "{opens}", opens.Format(layout)).Replace(text)
}
