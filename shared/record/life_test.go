package record_test

import (
	"strings"
	"testing"

	"github.com/okence/okence/shared/record"
)

// TestEveryKindOfPersonalDataHasAnEnd: no personal field without something that
// ends it: a life of its own, by the tenant's pack; the record that it goes with;
// or who else ends it.
func TestEveryKindOfPersonalDataHasAnEnd(t *testing.T) {
	for _, k := range record.All() {
		if strings.HasPrefix(k.Name, "test-") {
			continue
		}
		personal := false
		for _, f := range k.Fields {
			personal = personal || f.Personal
		}
		said := 0
		for _, is := range []bool{k.End.Lives, k.End.With != "", k.End.By != ""} {
			if is {
				said++
			}
		}
		if said > 1 || personal && said == 0 {
			t.Errorf("kind %s: personal data, and what ends it is said %d times: Define it with exactly one of record.Lives, record.GoesWith, record.EndsBy", k.Name, said)
		}
		for _, p := range k.Parents {
			if record.ByName(p.Kind) == nil {
				t.Errorf("kind %s stands under %s, which is no kind", k.Name, p.Kind)
			}
		}
	}
}
