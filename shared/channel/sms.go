package channel

import "strings"

// gsm7 is the default alphabet of GSM 03.38 (3GPP TS 23.038, 6.2.1), and
// gsm7Extended what takes two septets, an escape before it. Slovenian has č, š
// and ž and Slovak more: none of them is there.
const (
	gsm7 = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsm7Extended = "\f^{}\\[~]|€"
)

// SMSParts is how many parts a text goes out in as an SMS, as they are charged,
// and whether it is in GSM-7. One part holds 160 septets or 70 UTF-16 units;
// each of several 153 or 67, since a header tells how they belong together (3GPP
// TS 23.040, 9.2.3.24.1). No character is cut in two.
func SMSParts(text string) (parts int, inGSM7 bool) {
	inGSM7 = true
	for _, r := range text {
		if !strings.ContainsRune(gsm7, r) && !strings.ContainsRune(gsm7Extended, r) {
			inGSM7 = false
			break
		}
	}
	single, each := 70, 67
	width := func(r rune) int {
		if r > 0xFFFF {
			return 2
		}
		return 1
	}
	if inGSM7 {
		single, each = 160, 153
		width = func(r rune) int {
			if strings.ContainsRune(gsm7Extended, r) {
				return 2
			}
			return 1
		}
	}
	total, used := 0, 0
	parts = 1
	for _, r := range text {
		w := width(r)
		total += w
		if used+w > each {
			parts, used = parts+1, 0
		}
		used += w
	}
	if total <= single {
		parts = 1
	}
	return parts, inGSM7
}
