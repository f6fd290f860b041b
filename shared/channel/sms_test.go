package channel_test

import (
	"strings"
	"testing"

	"github.com/okence/okence/shared/channel"
)

func TestSMSParts(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		parts int
		gsm   bool
	}{
		"nothing":                               {"", 1, true},
		"160 letters of GSM-7":                  {strings.Repeat("a", 160), 1, true},
		"161":                                   {strings.Repeat("a", 161), 2, true},
		"306":                                   {strings.Repeat("a", 306), 2, true},
		"307":                                   {strings.Repeat("a", 307), 3, true},
		"80 euro signs, which take two septets": {strings.Repeat("€", 80), 1, true},
		"81":                                    {strings.Repeat("€", 81), 2, true},
		"an escape is not cut: 152 and a euro":  {strings.Repeat("a", 152) + "€" + strings.Repeat("a", 152), 3, true},
		"one č makes it UCS-2: 70 fit":          {strings.Repeat("a", 69) + "č", 1, false},
		"71 don't":                              {strings.Repeat("a", 70) + "č", 2, false},
		"134":                                   {strings.Repeat("č", 134), 2, false},
		"135":                                   {strings.Repeat("č", 135), 3, false},
		"35 emoji, which take two units":        {strings.Repeat("😀", 35), 1, false},
		"36":                                    {strings.Repeat("😀", 36), 2, false},
		"an emoji is not cut: 33 to a part of 67":     {strings.Repeat("😀", 67), 3, false},
		"letters of other alphabets that GSM-7 has":   {"Ünïcode? Äöñ Δ £", 1, false},
		"Greek capitals and accents that GSM-7 knows": {"äöñüàéùìò ΔΦΓΛΩΠΨΣΘΞ £$¥", 1, true},
	} {
		if parts, gsm := channel.SMSParts(c.text); parts != c.parts || gsm != c.gsm {
			t.Errorf("%s: %d parts, GSM-7 %v", name, parts, gsm)
		}
	}
}
