package notice

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"go.yaml.in/yaml/v3"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
)

//go:embed texts/*.yaml
var texts embed.FS

// Languages are those that every template has.
var Languages = []string{"sl", "en", "sk"}

// template is a text in every language.
type template struct {
	Version string            `yaml:"version"`
	Values  []string          `yaml:"values"`
	Secret  []string          `yaml:"secret"` // values that only the addressee reads
	Subject map[string]string `yaml:"subject"`
	Text    map[string]string `yaml:"text"`
}

var (
	blank     = regexp.MustCompile(`\{[^{}]*\}`)
	nameShape = regexp.MustCompile(`^[a-z]+(\.[a-z][a-z_]*)+$`)
	valueName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
)

// templates are all of this program.
var templates = sync.OnceValues(func() (map[string]*template, error) { return loadAll(texts) })

// loadAll reads every file of texts.
func loadAll(from fs.FS) (map[string]*template, error) {
	files, err := fs.Glob(from, "texts/*.yaml")
	if err != nil {
		return nil, err
	}
	all := map[string]*template{}
	for _, file := range files {
		body, err := fs.ReadFile(from, file)
		if err != nil {
			return nil, err
		}
		area, err := load(body)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		for name, t := range area {
			if all[name] != nil {
				return nil, fmt.Errorf("%s: %s stands in another file already", file, name)
			}
			all[name] = t
		}
	}
	return all, nil
}

// load reads one file, strictly.
func load(body []byte) (map[string]*template, error) {
	var area map[string]*template
	dec := yaml.NewDecoder(bytes.NewReader(body))
	dec.KnownFields(true)
	if err := dec.Decode(&area); err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(area)) {
		if !nameShape.MatchString(name) || area[name] == nil {
			return nil, fmt.Errorf("%s: want area.name and a text", name)
		}
		if err := area[name].check(); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return area, nil
}

func (t *template) check() error {
	if t.Version == "" {
		return fmt.Errorf("version is missing")
	}
	for _, v := range t.Values {
		if !valueName.MatchString(v) {
			return fmt.Errorf("value %q: want lower-case letters, digits and _", v)
		}
	}
	for _, v := range t.Secret {
		if !slices.Contains(t.Values, v) {
			return fmt.Errorf("secret %s is none of its values", v)
		}
		for _, l := range Languages {
			if strings.Contains(t.Subject[l], "{"+v+"}") {
				return fmt.Errorf("in %s: the subject holds the secret %s", l, v)
			}
		}
	}
	for what, in := range map[string]map[string]string{"subject": t.Subject, "text": t.Text} {
		if len(in) != len(Languages) {
			return fmt.Errorf("%s: want exactly the languages %v", what, Languages)
		}
		for _, l := range Languages {
			if strings.TrimSpace(in[l]) == "" {
				return fmt.Errorf("%s: language %s is missing", what, l)
			}
			if what == "subject" && strings.ContainsAny(in[l], "\r\n") {
				return fmt.Errorf("subject in %s: want one line", l)
			}
		}
	}
	for _, l := range Languages {
		used := map[string]bool{}
		for _, b := range blank.FindAllString(t.Subject[l]+"\n"+t.Text[l], -1) {
			used[b[1:len(b)-1]] = true
		}
		for v := range used {
			if !slices.Contains(t.Values, v) {
				return fmt.Errorf("in %s: {%s} is none of its values", l, v)
			}
		}
		for _, v := range t.Values {
			if !used[v] {
				return fmt.Errorf("in %s: {%s} is left out", l, v)
			}
		}
	}
	return nil
}

// Text is a letter as it is sent.
type Text struct {
	Subject  string
	Body     string
	Language string // of Languages
	Version  string // of the template

	// Secrets are the values that only the addressee reads: Body has their masks
	// (message.Mask), and so have the notice's hash and the log.
	Secrets map[string]string
}

// Render fills in a template in a language; an unknown one is en. A value may
// hold braces: it is filled in once. fault.Internal: there is no such template,
// or the values are not exactly its own.
func Render(name, language string, values map[string]string) (Text, error) {
	all, err := templates()
	if err != nil {
		return Text{}, fault.New(fault.Internal, "notice: the templates can't be loaded: %s", err)
	}
	t := all[name]
	if t == nil {
		return Text{}, fault.New(fault.Internal, "notice: no template %s", name)
	}
	if !slices.Contains(Languages, language) {
		language = "en"
	}
	for _, v := range t.Values {
		if _, ok := values[v]; !ok {
			return Text{}, fault.New(fault.Internal, "notice: template %s needs the value %s", name, v)
		}
	}
	if len(values) != len(t.Values) {
		return Text{}, fault.New(fault.Internal, "notice: template %s takes %v and nothing else", name, t.Values)
	}
	shown, secrets := maps.Clone(values), map[string]string{}
	for _, v := range t.Secret {
		shown[v], secrets[v] = message.Mask(v), values[v]
	}
	fill := func(text string) string {
		return blank.ReplaceAllStringFunc(text, func(b string) string { return shown[b[1:len(b)-1]] })
	}
	line := strings.NewReplacer("\r", " ", "\n", " ")
	return Text{
		Subject: line.Replace(fill(t.Subject[language])), Body: strings.TrimSpace(fill(t.Text[language])) + "\n",
		Language: language, Version: t.Version, Secrets: secrets,
	}, nil
}
