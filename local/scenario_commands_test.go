package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/okence/okence/shared/access"
	"github.com/okence/okence/shared/channel/channeltest"
)

type act = func(ts *testscript.TestScript, neg bool, args []string)

// commands are those of TestScenarios.
func commands() map[string]act {
	all := map[string]act{
		"set": func(ts *testscript.TestScript, _ bool, args []string) {
			for _, a := range args {
				name, value, _ := strings.Cut(a, "=")
				stageOf(ts).t.Setenv(name, value)
			}
		},
		"start": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "start TIME [NAME]")
			stageOf(ts).start(ts, instant(ts, args[0]), strings.Join(args[1:], " "))
		},
		"in": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "in NAME")
			stageOf(ts).on = args[0]
			stageOf(ts).name(ts)
		},
		"peers":  peers,
		"tenant": func(ts *testscript.TestScript, _ bool, args []string) { stageOf(ts).tenant = args[0] },
		"at": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "at TIME")
			stageOf(ts).move(ts, instant(ts, args[0]))
		},
		"pass": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "pass DURATION")
			d, err := time.ParseDuration(args[0])
			ts.Check(err)
			stageOf(ts).move(ts, stageOf(ts).world(ts).clock.Now().Add(d))
		},
		"restart": func(ts *testscript.TestScript, _ bool, _ []string) {
			w := stageOf(ts).world(ts)
			if w.system != nil { // or shut before
				stageOf(ts).left = w.clock.Now()
				w.shut()
			}
			stageOf(ts).open(w, stageOf(ts).left)
			stageOf(ts).name(ts)
		},
		"shut": func(ts *testscript.TestScript, _ bool, _ []string) {
			w := stageOf(ts).world(ts)
			stageOf(ts).left = w.clock.Now()
			w.shut()
		},
		"mood": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "mood MOOD [STATUS]")
			r := channeltest.Reaction{Mood: channeltest.Mood(args[0]), Body: "{}"}
			if len(args) > 1 {
				r.Status = whole(ts, args[1])
			}
			stageOf(ts).fake.Plan(r)
		},
		"as": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "as ROLE [SUBJECT]")
			s := stageOf(ts)
			s.role, s.subject = args[0], args[0]+"-1"
			if len(args) > 1 {
				s.subject = args[1]
			}
		},
		"status": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 1, "status CODE [TEXT]")
			r := stageOf(ts).last
			if r.status != whole(ts, args[0]) || len(args) > 1 && !strings.Contains(r.body, args[1]) {
				ts.Fatalf("answered %d %s", r.status, r.body)
			}
		},
		"take": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 2, "take NAME PATH")
			ts.Setenv(args[0], stageOf(ts).value(ts, args[1]))
		},
		"want": want,
		"count": func(ts *testscript.TestScript, _ bool, args []string) {
			need(ts, args, 2, "count PATH N")
			list, _ := at(ts, stageOf(ts).last.body, args[0]).([]any)
			if len(list) != whole(ts, args[1]) {
				ts.Fatalf("%d, want %s, in %s", len(list), args[1], stageOf(ts).last.body)
			}
		},
		"message": says,
		"deliver": func(ts *testscript.TestScript, neg bool, args []string) {
			need(ts, args, 2, "deliver PROVIDER FILE")
			stageOf(ts).deliver(ts, neg, args[0], expand(ts, ts.ReadFile(args[1])))
		},
		"log":    logged,
		"sent":   sent,
		"clock":  clockCmd,
		"okence": okence,

		"pick":    picked,
		"fetch":   fetched,
		"keep":    filed,
		"archive": archived,
		"holds":   holding,
		"garble":  garbled,
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		all[method] = func(ts *testscript.TestScript, neg bool, args []string) { call(ts, neg, method, args) }
	}
	return all
}

func need(ts *testscript.TestScript, args []string, n int, usage string) {
	if len(args) < n {
		ts.Fatalf("usage: %s", usage)
	}
}

func instant(ts *testscript.TestScript, text string) time.Time {
	at, err := time.Parse(time.RFC3339, text)
	ts.Check(err)
	return at.UTC()
}

func whole(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	ts.Check(err)
	return n
}

// expand puts the script's variables into a text.
func expand(ts *testscript.TestScript, text string) string {
	return os.Expand(text, func(name string) string {
		switch name {
		case "NOW":
			return stageOf(ts).world(ts).clock.Now().Format(time.RFC3339)
		case "UNIX":
			return strconv.FormatInt(stageOf(ts).world(ts).clock.Now().Unix(), 10)
		}
		return ts.Getenv(name)
	})
}

// peers makes two systems peers of each other: peers A B TENANT X Y TYPES, where
// X is what B calls A, and Y what A calls B.
func peers(ts *testscript.TestScript, _ bool, args []string) {
	need(ts, args, 6, "peers A B TENANT X Y TYPES")
	s := stageOf(ts)
	a, b, tenant, x, y := s.worlds[args[0]], s.worlds[args[1]], args[2], args[3], args[4]
	accepts, err := json.Marshal(args[5:])
	ts.Check(err)
	variable := func(peer string) string {
		return "OKENCE_PEER_" + strings.ToUpper(strings.ReplaceAll(tenant+"_"+peer, "-", "_"))
	}
	s.t.Setenv(variable(y), fmt.Sprintf(`{"url":%q,"secrets":[%q],"accepts":%s}`, b.base+"/peers/"+tenant+"/"+x, peerSecret, accepts))
	s.t.Setenv(variable(x), fmt.Sprintf(`{"url":%q,"secrets":[%q],"accepts":%s}`, a.base+"/peers/"+tenant+"/"+y, peerSecret, accepts))
}

// call makes a call of the API, prints the answer, and waits for what follows.
func call(ts *testscript.TestScript, neg bool, method string, args []string) {
	need(ts, args, 1, method+" PATH [FIELDS]")
	s := stageOf(ts)
	w := s.world(ts)
	var in []byte
	if method != http.MethodGet {
		in = body(ts, args[1:])
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, w.base+args[0], bytes.NewReader(in))
	ts.Check(err)
	r.Header.Set("Content-Type", "application/json")
	if s.role != "nobody" {
		who := access.Identity{Subject: s.subject, Name: s.subject, Tenant: s.tenant, Role: access.Role(s.role)}
		token, err := access.IssueLocal(w.keys, who, true, w.clock.Now())
		ts.Check(err)
		r.Header.Set("Authorization", "Bearer "+token)
	}
	s.last = do(s.t, r)
	if method != http.MethodGet {
		s.settle()
	}
	printed := s.last.body
	var pretty bytes.Buffer
	if json.Indent(&pretty, []byte(printed), "", "  ") == nil {
		printed = pretty.String()
	}
	fmt.Fprintln(ts.Stdout(), strings.TrimSpace(printed))
	if (s.last.status/100 == 2) == neg {
		ts.Fatalf("%s %s as %s: %d %s", method, args[0], s.role, s.last.status, s.last.body)
	}
}

// body is a call's body: a file of JSON, or fields as key=text, key:=json and
// a.b=text.
func body(ts *testscript.TestScript, args []string) []byte {
	if len(args) == 1 && !strings.Contains(args[0], "=") {
		return []byte(expand(ts, ts.ReadFile(args[0])))
	}
	fields := map[string]any{}
	for _, a := range args {
		name, text, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is neither key=text nor key:=json", a)
		}
		var value any = text
		if raw, isJSON := strings.CutSuffix(name, ":"); isJSON {
			name = raw
			ts.Check(json.Unmarshal([]byte(expand(ts, text)), &value))
		}
		in, steps := fields, strings.Split(name, ".")
		for _, step := range steps[:len(steps)-1] {
			if in[step] == nil {
				in[step] = map[string]any{}
			}
			in = in[step].(map[string]any)
		}
		in[steps[len(steps)-1]] = value
	}
	out, err := json.Marshal(fields)
	ts.Check(err)
	return out
}

// at is the value at a path of a JSON text, as .items.0.id; nil: there is none.
func at(ts *testscript.TestScript, text, path string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		ts.Fatalf("not JSON: %q", text)
	}
	for _, step := range strings.Split(strings.TrimPrefix(path, "."), ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n >= len(in) || n < -len(in) {
				return nil
			}
			v = in[(n+len(in))%len(in)]
		default:
			return nil
		}
	}
	return v
}

// value is what stands at a path of the last answer, as text; "" for nothing.
func (s *stage) value(ts *testscript.TestScript, path string) string {
	switch v := at(ts, s.last.body, path).(type) {
	case nil:
		return ""
	case map[string]any, []any:
		out, err := json.Marshal(v)
		ts.Check(err)
		return string(out)
	default:
		return fmt.Sprint(v)
	}
}

func want(ts *testscript.TestScript, neg bool, args []string) {
	need(ts, args, 1, "want PATH [VALUE]")
	s := stageOf(ts)
	got := s.value(ts, args[0])
	ok := !slices.Contains([]string{"", "[]", "{}", "0", "false"}, got)
	if len(args) > 1 {
		ok = reflect.DeepEqual(got, expand(ts, args[1]))
	}
	if ok == neg {
		ts.Fatalf("%s is %q in %s", args[0], got, s.last.body)
	}
}

// okence runs the command, built once, and prints what it prints.
func okence(ts *testscript.TestScript, neg bool, args []string) {
	path, err := command()
	ts.Check(err)
	if err := ts.Exec(path, args...); (err == nil) == neg {
		ts.Fatalf("okence %s: %v", strings.Join(args, " "), err)
	}
}
