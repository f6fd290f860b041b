package breach

import (
	"errors"
	"slices"
	"testing"
	"time"
)

func TestWordsOfASpecialCategoryAreFound(t *testing.T) {
	for text, want := range map[string][]string{
		"Nekdo je morda videl vašo vlogo.":                           nil,
		"Na ogled je bila vaša zdravstvena kartoteka z diagnozo.":    {"zdravstvena", "diagnozo"},
		"Niekto videl Váš zdravotný záznam a náboženské vyznanie.":   {"zdravotný", "náboženské"},
		"Somebody saw your medical file: HIV test, union dues.":      {"medical", "hiv", "union"},
		"Število prijav raste, rasti ne bo; race se ne dotika nihče": {"race"},
		"Obsodba in Obsodba.": {"obsodba"},
	} {
		if got := SpecialWords(text); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestATextToPersonsTellsOfNoSpecialCategory(t *testing.T) {
	now := time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)
	r := func(to Addressee, read bool) Release {
		c := newCase(t)
		c.Facts.PersonsText = "Nekdo je videl vašo diagnozo."
		return Release{To: to, Relation: "ekc", Form: Form{Facts: c.Facts}, By: officer, Reason: "art. 34", SpecialRead: read}
	}
	for _, c := range []struct {
		name    string
		r       Release
		refused bool
	}{
		{"persons are not told a diagnosis", r(ToPersons, false), true},
		{"nor is the public", r(ToPublic, false), true},
		{"an officer has read the words", r(ToPersons, true), false},
		{"an authority is told", r(ToAuthority, false), false},
	} {
		_, err := newCase(t).Let(c.r, Terms{}, nil, now)
		if errors.Is(err, ErrSpecial) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
