package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"
)

// Targets are how soon tickets are begun and solved (K01, S05; ekc 3.1 leaves it
// to the Agreement). Spans of minutes and hours are working time of the named
// hours; days, months and years go by the calendar.
type Targets struct {
	Hours      string          `json:"hours,omitempty"`      // whose opening hours count; "service" unless said
	Response   map[string]Span `json:"response,omitempty"`   // until somebody has begun, by urgency: "1" is the most urgent, "4" the least
	Resolution map[string]Span `json:"resolution,omitempty"` // until it is solved, by urgency
	Warn       []float64       `json:"warn,omitempty"`       // shares at which people are warned, rising, below 1
	Warned     []string        `json:"warned,omitempty"`     // who is told at a warning: parties, or "supervisor"
	Missed     []string        `json:"missed,omitempty"`     // who is told at the end
}

// Opening is a rule by which a ticket is opened automatically from what a person
// writes. It fits where the channel and the class are on its lists (an empty list
// holds all) and one of its words stands in the text, with one of the service's
// keywords where it has some; it opens one ticket a conversation.
type Opening struct {
	Service  string    `json:"service"`
	Kind     string    `json:"kind"` // service_request, incident …
	Urgency  int       `json:"urgency,omitempty"`
	Channels []Channel `json:"channels,omitempty"`
	Classes  []Class   `json:"classes,omitempty"`
	Words    []string  `json:"words,omitempty"` // beginnings of words, or phrases of them; without case and accents
}

// TargetsFor is what holds for a service: the terms' targets, and what the
// service's own say instead.
func (t *Terms) TargetsFor(service string) Targets {
	out, own := t.Targets, t.Services[service].Targets
	over := func(general, own map[string]Span) map[string]Span {
		all := maps.Clone(general)
		if all == nil {
			all = map[string]Span{}
		}
		maps.Copy(all, own)
		return all
	}
	out.Response, out.Resolution = over(out.Response, own.Response), over(out.Resolution, own.Resolution)
	if own.Hours != "" {
		out.Hours = own.Hours
	}
	if out.Hours == "" {
		out.Hours = serviceHours
	}
	for from, into := range map[*[]string]*[]string{&own.Warned: &out.Warned, &own.Missed: &out.Missed} {
		if len(*from) > 0 {
			*into = *from
		}
	}
	if len(own.Warn) > 0 {
		out.Warn = own.Warn
	}
	return out
}

// Within are the response and the resolution target at an urgency; the zero Span
// is none. A support contract's single response time (S05) stands for all
// urgencies.
func (t *Terms) Within(service string, urgency int) (response, resolution Span) {
	of := t.TargetsFor(service)
	key := strconv.Itoa(urgency)
	if response = of.Response[key]; response.IsZero() {
		response = t.Operations.Response
	}
	return response, of.Resolution[key]
}

// OpeningFor is the first rule, by name, that fits a channel and a class at an
// instant, the general terms' before the agreements'. says finds one of several
// phrases in what was written. "" is none.
func (p *Pack) OpeningFor(at time.Time, channel Channel, class Class, says func(words []string) bool) (rule string, o Opening) {
	all := []*Terms{p.At(at)}
	for _, id := range p.Agreements() {
		if a, ok := p.Agreement(id); ok {
			all = append(all, a.At(at))
		}
	}
	for _, t := range all {
		for _, id := range sortedKeys(t.Openings) {
			o, keywords := t.Openings[id], t.Services[t.Openings[id].Service].Keywords
			if (len(o.Channels) == 0 || slices.Contains(o.Channels, channel)) && (len(o.Classes) == 0 || slices.Contains(o.Classes, class)) &&
				says(o.Words) && (len(keywords) == 0 || says(keywords)) {
				return id, o
			}
		}
	}
	return "", Opening{}
}

// serviceHours are when people are answered.
const serviceHours = "service"

// urgencies are the keys of targets.
var urgencies = []string{"1", "2", "3", "4"}

// ticketKinds are the kinds of tickets that a rule may open.
var ticketKinds = []string{"service_request", "incident", "change", "work_order", "activity"}

// targets checks targets and the rules that open tickets (K01, K02, S05).
func (c *checker) targets() {
	each := map[string]Targets{"targets": c.t.Targets}
	for id, s := range c.t.Services {
		each["services."+id+".targets"] = s.Targets
	}
	known := append(sortedKeys(c.t.Parties), stringList(persons)...)
	for _, path := range sortedKeys(each) {
		t := each[path]
		for name, spans := range map[string]map[string]Span{"response": t.Response, "resolution": t.Resolution} {
			for _, u := range sortedKeys(spans) {
				if !slices.Contains(urgencies, u) || spans[u].N == 0 {
					c.error(path+"."+name, FaultHours, "K01, S05", fmt.Sprintf("%q: %s is no target of an urgency", u, spans[u]), `write for example {"1": 4h, "2": 14h, "3": 42h, "4": 70h}`)
				}
			}
		}
		timed := slices.ContainsFunc(slices.Concat(slices.Collect(maps.Values(t.Response)), slices.Collect(maps.Values(t.Resolution))), func(s Span) bool { return !s.calendar() })
		if _, ok := c.t.Hours[cmp.Or(t.Hours, c.t.Targets.Hours, serviceHours)]; timed && !ok {
			c.error(path, FaultHours, "K01", "working time without opening hours", "name hours, or write days")
		}
		if !rising(t.Warn) {
			c.error(path+".warn", FaultWarn, "K01", "warning shares must rise and lie between 0 and 1", "write for example [0.75]")
		}
		if t.Hours != "" {
			c.names(path+".hours", "hours", t.Hours, sortedKeys(c.t.Hours))
		}
		for _, id := range slices.Concat(t.Warned, t.Missed) {
			c.names(path, "party or person", id, known)
		}
	}
	for _, id := range sortedKeys(c.t.Openings) {
		o, path := c.t.Openings[id], "openings."+id
		c.names(path+".service", "service", o.Service, sortedKeys(c.t.Services))
		c.names(path+".kind", "kind of ticket", o.Kind, ticketKinds)
		if len(o.Words) == 0 {
			c.error(path+".words", FaultFields, "K02", "a rule without words opens a ticket for everything that is written", "name the words")
		}
		if o.Urgency < 0 || o.Urgency > 4 {
			c.error(path+".urgency", FaultFields, "K02", "urgency is 1 to 4", "write 1 to 4, or leave it out for 3")
		}
	}
}

func rising(shares []float64) bool {
	last := 0.0
	for _, s := range shares {
		if s <= last || s >= 1 {
			return false
		}
		last = s
	}
	return true
}
