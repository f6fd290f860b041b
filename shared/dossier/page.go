package dossier

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"

	"github.com/okence/okence/shared/domain/dossier"
	"github.com/okence/okence/shared/fault"
)

//go:embed page.html
var pageHTML string

// row is a field as a person reads it.
type row struct{ Name, Value string }

func rows(fields map[string]any) []row {
	var out []row
	for _, k := range keys(fields) {
		v := ""
		switch f := fields[k].(type) {
		case string:
			v = f
		case nil:
			continue
		default:
			b, err := json.MarshalIndent(f, "", "  ")
			if err != nil {
				v = fmt.Sprint(f)
			} else {
				v = string(b)
			}
		}
		if v != "" {
			out = append(out, row{k, v})
		}
	}
	return out
}

// spelt is a code of a closed set in the words of a language; one without words
// stands as it is.
func spelt(set, code, language string) string {
	if s := Say(set+"_"+code, language); s != "" {
		return s
	}
	return code
}

// Page is package.html: the document for people, in its language. It runs no
// script and loads nothing.
func (d *Document) Page() ([]byte, error) {
	say := func(key string) string { return Say(key, d.Language) }
	name := func(set string, code any) string { return spelt(set, fmt.Sprint(code), d.Language) }
	t, err := template.New("page").Funcs(template.FuncMap{"say": say, "name": name, "rows": rows}).Parse(pageHTML)
	if err != nil {
		return nil, fault.New(fault.Internal, "dossier: the page does not parse").Because(err)
	}
	title := say("title")
	if d.Form == dossier.Portability {
		title = say("title_portability")
	}
	var b bytes.Buffer
	err = t.Execute(&b, struct {
		*Document
		Title string
	}{d, title})
	if err != nil {
		return nil, fault.New(fault.Internal, "dossier: the page can't be made")
	}
	return b.Bytes(), nil
}
