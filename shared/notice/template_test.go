package notice

import (
	"strings"
	"testing"

	"github.com/okence/okence/shared/fault"
)

func TestEveryTemplateLoads(t *testing.T) {
	all, err := templates()
	if err != nil || len(all) == 0 {
		t.Fatal(len(all), err)
	}
}

// good is a template; each case below breaks one thing of it.
const good = `
area.letter:
  version: "1"
  values: [service, at]
  subject: {sl: "Storitev {service}", en: "Service {service}", sk: "Služba {service}"}
  text: {sl: "Od {at}.", en: "Since {at}.", sk: "Od {at}."}
`

func TestTemplatesLoadStrictly(t *testing.T) {
	if _, err := load([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new string }{
		"a language that is missing":     {`, sk: "Od {at}."`, ``},
		"a language that is empty":       {`sk: "Od {at}."`, `sk: " "`},
		"a language that is unknown":     {`sk: "Od {at}."`, `sk: "Od {at}.", de: "Seit {at}."`},
		"a blank that is no value":       {`sl: "Od {at}."`, `sl: "Od {at} {who}."`},
		"a value left out in a language": {`sk: "Od {at}."`, `sk: "Od."`},
		"a value that nothing uses":      {`[service, at]`, `[service, at, more]`},
		"an unknown key":                 {`  version: "1"`, `  version: "1"` + "\n  note: x"},
		"no version":                     {`"1"`, `""`},
		"two lines of subject":           {`"Storitev {service}"`, `"Storitev\n{service}"`},
		"a name without an area":         {`area.letter`, `letter`},
		"a key twice":                    {`  version: "1"`, `  version: "1"` + "\n  version: \"2\""},
	} {
		t.Run(name, func(t *testing.T) {
			broken := strings.Replace(good, c.old, c.new, 1)
			if broken == good {
				t.Fatal("the case changes nothing")
			}
			if _, err := load([]byte(broken)); err == nil {
				t.Error("it loads")
			}
		})
	}
}

func TestValuesAreExactlyTheTemplates(t *testing.T) {
	for name, values := range map[string]map[string]string{
		"one that is missing": {},
		"one too many":        {"reference": "A", "more": "B"},
		"another one":         {"ref": "A"},
	} {
		if _, err := Render(bare, "sl", values); !fault.Is(err, fault.Internal) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Render("no.such", "sl", nil); !fault.Is(err, fault.Internal) {
		t.Errorf("an unknown template: %v", err)
	}
	got, err := Render(bare, "de", map[string]string{"reference": "{reference}\n\nBcc: x"})
	if err != nil || got.Language != "en" || strings.Contains(got.Subject, "\n") || !strings.Contains(got.Body, "{reference}") {
		t.Errorf("%+v, %v", got, err)
	}
}
