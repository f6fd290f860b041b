package events

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"
)

// TestShapesAreThePatterns holds the shapes against the schemas' patterns.
func TestShapesAreThePatterns(t *testing.T) {
	for pattern, s := range map[string]*shape{
		`^[A-Za-z0-9._:-]{1,128}$`: idShape, `^[A-Za-z0-9._:/-]{1,200}$`: sourceShape,
		`^[a-z0-9][a-z0-9-]{0,31}$`: tenantShape, `^[a-z][a-z0-9]{0,31}$`: providerShape,
	} {
		want := regexp.MustCompile(pattern)
		rapid.Check(t, func(t *rapid.T) {
			text := rapid.OneOf(rapid.String(), rapid.StringMatching(pattern), rapid.StringMatching(`[a-zA-Z0-9._:/-]{0,210}`)).Draw(t, "text")
			if s.MatchString(text) != want.MatchString(text) {
				t.Fatalf("%q by %s: %v", text, pattern, !want.MatchString(text))
			}
		})
	}
}

func TestTimesAreThePattern(t *testing.T) {
	const pattern = `^"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"$`
	want := regexp.MustCompile(pattern)
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.OneOf(rapid.StringMatching(pattern), rapid.StringMatching(`"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]*)?(Z|[+-][0-9]{2}:[0-9]{2})?"`)).Draw(t, "text"))
		if len(text) > 0 && rapid.Bool().Draw(t, "change") {
			text[rapid.IntRange(0, len(text)-1).Draw(t, "at")] = rapid.Byte().Draw(t, "to")
		}
		if rfc3339(text) != want.Match(text) {
			t.Fatalf("%q: %v", text, rfc3339(text))
		}
	})
}
