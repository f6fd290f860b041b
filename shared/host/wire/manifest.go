package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/access"
)

// manifest is a function.yaml; the package's documentation explains its keys.
type manifest struct {
	Name      string     `yaml:"name"`
	Title     string     `yaml:"title"`
	Use       access.Use `yaml:"use"`
	Timeout   duration   `yaml:"timeout"`
	Consumes  []consumed `yaml:"consumes"`
	Emits     []string   `yaml:"emits"`
	Routes    []string   `yaml:"routes"`
	Public    bool       `yaml:"public"`
	Schedules []schedule `yaml:"schedules"`
	Settings  []setting  `yaml:"settings"`
	Keeps     []string   `yaml:"keeps"`
	Reads     []string   `yaml:"reads"`
	Tree      string     `yaml:"tree"`
	Lists     bool       `yaml:"lists"`
	Mail      bool       `yaml:"mail"`

	path string // of the file, from the module's root
}

type consumed struct {
	Type   string `yaml:"type"`
	Inline bool   `yaml:"inline"`
}

type schedule struct {
	Type  string   `yaml:"type"`
	Every duration `yaml:"every"`
}

type setting struct {
	Name     string `yaml:"name"`
	Default  string `yaml:"default"`
	Required bool   `yaml:"required"`
	Text     string `yaml:"text"`
}

// duration is a length of time as Go writes it: 10s, 5m, 24h.
type duration time.Duration

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *duration) UnmarshalYAML(n *yaml.Node) error {
	v, err := time.ParseDuration(n.Value)
	if err != nil {
		return fmt.Errorf("line %d: %q is not a length of time such as 10s", n.Line, n.Value)
	}
	*d = duration(v)
	return nil
}

// catalogue are the event types that must have both ends.
var catalogue = events.Types

// readAll reads and checks the manifests of all functions, by name.
func readAll(root string) ([]*manifest, error) {
	folders, err := filepath.Glob(filepath.Join(root, "functions/*/"))
	if err != nil {
		return nil, err
	}
	var all []*manifest
	for _, folder := range folders {
		path := filepath.Join("functions", filepath.Base(folder), "function.yaml")
		text, err := os.ReadFile(filepath.Join(root, path))
		if err != nil {
			return nil, fmt.Errorf("every folder in functions has its function.yaml: %w", err)
		}
		m, err := read(path, text)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, checkAll(all)
}

// read reads one manifest. Its errors name file and line, or the key.
func read(path string, text []byte) (*manifest, error) {
	m := &manifest{path: path}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(m); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if err := dec.Decode(new(any)); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: one document, and nothing behind it", path)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

var (
	nameShape    = regexp.MustCompile(`^[a-z]+$`)
	kindShape    = regexp.MustCompile(`^[a-z]+$`)
	settingShape = regexp.MustCompile(`^OKENCE_([A-Z0-9_]|<TENANT>|<CHANNEL>|<PROVIDER>|<NAME>)+$`)
	routeShape   = regexp.MustCompile(`^(GET|HEAD|POST|PUT|PATCH|DELETE) /[^ ]*$`)
)

// maxTimeout is the longest that AWS Lambda lets an invocation run.
const maxTimeout = 15 * time.Minute

func (m *manifest) check() error {
	folder := filepath.Base(filepath.Dir(m.path))
	switch {
	case !nameShape.MatchString(m.Name):
		return errors.New("name is one word of lower-case letters")
	case m.Name != folder:
		return fmt.Errorf("name is %s, its folder %s", m.Name, folder)
	case !strings.HasSuffix(m.Title, ".") || strings.Contains(m.Title, "\n"):
		return errors.New("title is one sentence, with its full stop")
	case !access.May(access.Function, m.Use):
		return errors.New("use is none of the purposes of shared/access")
	case time.Duration(m.Timeout) < time.Second || time.Duration(m.Timeout) > maxTimeout:
		return fmt.Errorf("timeout is between 1s and %s", maxTimeout)
	case m.Public && len(m.Routes) == 0:
		return errors.New("public, and no routes")
	case m.Public && len(m.Consumes) > 0:
		return errors.New("public, and it consumes: whoever reaches the receiver of events is trusted")
	case m.Tree != "" && m.Tree != "read" && m.Tree != "write":
		return errors.New("tree is read or write")
	case len(m.Consumes)+len(m.Routes) == 0:
		return errors.New("it neither consumes events nor serves routes: nothing sets it off")
	}
	for _, check := range []func() error{m.checkEvents, m.checkRoutes, m.checkSettings, m.checkKinds} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (m *manifest) checkEvents() error {
	var handled []string
	for _, c := range m.Consumes {
		handled = append(handled, c.Type)
	}
	if err := catalogued("consumes", handled); err != nil {
		return err
	}
	if err := catalogued("emits", m.Emits); err != nil {
		return err
	}
	var scheduled []string
	for _, s := range m.Schedules {
		scheduled = append(scheduled, s.Type)
		if !slices.Contains(handled, s.Type) {
			return fmt.Errorf("schedules %s and does not consume it", s.Type)
		}
		if _, ok := cron(time.Duration(s.Every)); !ok {
			return fmt.Errorf("schedules %s: every is minutes that divide an hour, or hours that divide a day", s.Type)
		}
		if err := takesNow(s.Type); err != nil {
			return fmt.Errorf("schedules %s, whose data is not {\"now\": TIME}: %w", s.Type, err)
		}
	}
	return catalogued("schedules", scheduled)
}

// takesNow tries what a scheduler sends: host.Tick.
func takesNow(eventType string) error {
	at := time.Now().UTC()
	data := []byte(`{"now":"` + at.Format(time.RFC3339) + `"}`)
	_, err := events.Decode(events.Event{ID: "a", Source: "/a", Type: eventType, Tenant: "a", Time: at, Data: data})
	return err
}

func catalogued(what string, types []string) error {
	for i, t := range types {
		if events.Lookup(t) == nil {
			return fmt.Errorf("%s %q, which is not in the catalogue", what, t)
		}
		if slices.Contains(types[:i], t) {
			return fmt.Errorf("%s %s twice", what, t)
		}
	}
	return nil
}

func (m *manifest) checkRoutes() error {
	for _, r := range m.Routes {
		if !routeShape.MatchString(r) {
			return fmt.Errorf("route %q is not METHOD /path", r)
		}
		if r == "POST /" {
			return errors.New("route POST / is the receiver of events")
		}
	}
	return nil
}

func (m *manifest) checkSettings() error {
	for i, s := range m.Settings {
		same := func(o setting) bool { return o.Name == s.Name }
		switch {
		case !settingShape.MatchString(s.Name):
			return fmt.Errorf("setting %q is not OKENCE_ and upper case", s.Name)
		case slices.ContainsFunc(m.Settings[:i], same):
			return fmt.Errorf("setting %s twice", s.Name)
		case s.Text == "":
			return fmt.Errorf("setting %s says nothing of itself: text", s.Name)
		case s.Required && s.Default != "":
			return fmt.Errorf("setting %s is required and has a default", s.Name)
		}
	}
	return nil
}

func (m *manifest) checkKinds() error {
	kinds := slices.Concat(m.Keeps, m.Reads)
	for i, k := range kinds {
		if !kindShape.MatchString(k) {
			return fmt.Errorf("kind %q of record is one word of lower-case letters", k)
		}
		if slices.Contains(kinds[:i], k) {
			return fmt.Errorf("kind %s of record stands twice in keeps and reads", k)
		}
	}
	return nil
}

// checkAll checks what only all functions together can show: every type of the
// catalogue has one who makes it and one who takes it, and routes are apart.
func checkAll(all []*manifest) error {
	mux := http.NewServeMux()
	for _, reserved := range []string{"GET /healthz", "GET /readyz", "GET /metrics", "POST /{$}"} {
		mux.Handle(reserved, http.NotFoundHandler())
	}
	made, taken := map[string]bool{}, map[string]bool{}
	uses := map[string][]access.Use{}
	for _, m := range all {
		for _, t := range m.Emits {
			made[t] = true
			uses[t] = append(uses[t], m.Use)
		}
		for _, s := range m.Schedules {
			made[s.Type] = true
		}
		for _, c := range m.Consumes {
			taken[c.Type] = true
		}
		for _, r := range m.Routes {
			if err := register(mux, r); err != nil {
				return fmt.Errorf("%s: %w", m.path, err)
			}
		}
	}
	for _, m := range all {
		for _, c := range m.Consumes {
			if c.Inline && !slices.Contains(uses[c.Type], m.Use) {
				return fmt.Errorf("%s: %s inline, and nobody emits it for the purpose %s", m.path, c.Type, m.Use)
			}
		}
	}
	for _, t := range catalogue() {
		if !taken[t.Name] {
			return fmt.Errorf("event %s: no function consumes it", t.Name)
		}
		if !made[t.Name] && !t.Content {
			return fmt.Errorf("event %s: no function emits it, no schedule sends it, and it does not come from outside", t.Name)
		}
	}
	return nil
}

// register turns the panic of a bad or conflicting pattern into an error.
func register(mux *http.ServeMux, pattern string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("route %s: malformed, or it meets another function's or the host's own", pattern)
		}
	}()
	mux.Handle(pattern, http.NotFoundHandler())
	return nil
}

// cron is a length of time as a cron schedule; only where it is exact.
func cron(every time.Duration) (string, bool) {
	minutes, hours := int(every/time.Minute), int(every/time.Hour)
	switch {
	case every == time.Minute:
		return "* * * * *", true
	case every >= time.Minute && every < time.Hour && every%time.Minute == 0 && 60%minutes == 0:
		return fmt.Sprintf("*/%d * * * *", minutes), true
	case every == time.Hour:
		return "0 * * * *", true
	case every >= time.Hour && every < 24*time.Hour && every%time.Hour == 0 && 24%hours == 0:
		return fmt.Sprintf("0 */%d * * *", hours), true
	case every == 24*time.Hour:
		return "0 0 * * *", true
	}
	return "", false
}
