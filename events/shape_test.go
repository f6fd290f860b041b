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
