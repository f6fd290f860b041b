package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// awsPath is what infra/aws deploys from: Terraform's JSON syntax, one local
// value with an object a function. Everything else there is written by hand and
// goes by it, so a new function is deployed by generating alone.
const awsPath = "infra/aws/functions.tf.json"

// awsFunction is a function as infra/aws sees it.
type awsFunction struct {
	Title     string                 `json:"title"`
	Seconds   int                    `json:"seconds"`  // time limit of an invocation
	Consumes  []string               `json:"consumes"` // event types that come through its queue
	Emits     bool                   `json:"emits"`
	Public    bool                   `json:"public"`
	Routes    []string               `json:"routes"` // route keys of an HTTP API
	Schedules map[string]awsSchedule `json:"schedules"`
	Writes    []string               `json:"writes"` // kinds of record
	Reads     []string               `json:"reads"`
	Tree      string                 `json:"tree"` // of the processing log: "", "read" or "write"
	Lists     bool                   `json:"lists"`
	Mail      bool                   `json:"mail"`
	Secrets   bool                   `json:"secrets"` // of channel accounts
	Settings  []string               `json:"settings"`
}

type awsSchedule struct {
	Type    string `json:"type"`
	Rate    string `json:"rate"`
	Seconds int    `json:"seconds"`
}

// unitKinds are what every unit of work writes beside the records of its
// function: its done mark, its events, its entries for the processing log, and
// the dead letter of an event that can't succeed.
var unitKinds = []string{"deadletter", "entry", "mark", "outbox"}

// unitReads is what it reads: whether the processing of a person's data is
// restricted (GDPR art. 18).
var unitReads = []string{"restriction"}

// renderAWS makes functions.tf.json.
func renderAWS(all []*manifest) (file, error) {
	emitted := map[string]bool{}
	for _, m := range all {
		for _, t := range m.Emits {
			emitted[t] = true
		}
	}
	out := map[string]awsFunction{}
	for _, m := range all {
		out[m.Name] = m.aws(all, emitted)
	}
	text, err := json.MarshalIndent(map[string]any{
		"//":     generated,
		"locals": map[string]any{"functions": out},
	}, "", "  ")
	return file{awsPath, append(text, '\n')}, err
}

func (m *manifest) aws(all []*manifest, emitted map[string]bool) awsFunction {
	f := awsFunction{
		Title: m.Title, Emits: len(m.Emits) > 0 || slices.Contains(m.Keeps, "outbox"), Public: m.Public, Schedules: map[string]awsSchedule{},
		Tree: m.Tree, Lists: m.Lists, Mail: m.Mail, Consumes: []string{}, Routes: []string{}, Reads: []string{}, Writes: []string{}, Settings: []string{},
	}
	// A batch of ten is worked on eight at once: two rounds, and what it takes
	// to say how far it got. An HTTP request has its own limit.
	limit := time.Duration(m.Timeout)
	if f.Seconds = int(limit/time.Second) + 1; len(m.Consumes) > 0 {
		f.Seconds = min(int(2*limit/time.Second)+5, int(maxTimeout/time.Second))
	}
	scheduled := map[string]bool{}
	for _, s := range m.Schedules {
		scheduled[s.Type] = true
		f.Schedules[word(s.Type)] = awsSchedule{s.Type, rate(time.Duration(s.Every)), int(time.Duration(s.Every) / time.Second)}
	}
	for _, c := range m.Consumes {
		if emitted[c.Type] || !scheduled[c.Type] {
			f.Consumes = append(f.Consumes, c.Type)
		}
	}
	for _, s := range m.Settings {
		if strings.HasPrefix(s.Name, "OKENCE_SECRET_") {
			f.Secrets = true
			continue
		}
		f.Settings = append(f.Settings, s.Name)
	}
	f.Routes = append(f.Routes, m.routeKeys(all)...)
	if len(m.Keeps)+len(m.Reads)+len(m.Consumes) > 0 {
		f.Writes = append(f.Writes, slices.Concat(m.Keeps, unitKinds)...)
		slices.Sort(f.Writes)
		f.Writes = slices.Compact(f.Writes)
		for _, k := range slices.Concat(m.Reads, unitReads) {
			if !slices.Contains(f.Writes, k) {
				f.Reads = append(f.Reads, k)
			}
		}
		slices.Sort(f.Reads)
	}
	return f
}

// routeKeys are the function's routes for an HTTP API, which may have 300: all
// below a first part of the path that is this function's alone are one, and the
// function tells them apart itself.
func (m *manifest) routeKeys(all []*manifest) []string {
	var out []string
	for _, r := range m.Routes {
		method, path, _ := strings.Cut(r, " ")
		first := firstPart(path)
		shared := slices.ContainsFunc(all, func(o *manifest) bool {
			return o != m && slices.ContainsFunc(o.Routes, func(r string) bool {
				_, path, _ := strings.Cut(r, " ")
				return firstPart(path) == first
			})
		})
		keys := []string{method + " " + strings.ReplaceAll(strings.ReplaceAll(path, "...}", "+}"), "{$}", "")}
		if !shared {
			keys = []string{"ANY /" + first, "ANY /" + first + "/{rest+}"}
			if path == "/"+first {
				keys = keys[:1]
			}
		}
		for _, k := range keys {
			if !slices.Contains(out, k) {
				out = append(out, k)
			}
		}
	}
	slices.Sort(out)
	return out
}

func firstPart(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return first
}

// rate is a period as EventBridge Scheduler writes it. One that divides a day
// stands as cron, so that it fires at its multiples, as everywhere else.
func rate(every time.Duration) string {
	minutes, hours := int(every/time.Minute), int(every/time.Hour)
	switch {
	case every == time.Minute:
		return "cron(* * * * ? *)"
	case every < time.Hour:
		return fmt.Sprintf("cron(0/%d * * * ? *)", minutes)
	case every < 24*time.Hour:
		return fmt.Sprintf("cron(0 0/%d * * ? *)", hours)
	default:
		return "cron(0 0 * * ? *)"
	}
}
