package identifier

// ibanLength answers the length that the ISO 13616 registry gives a country,
// 0 for a country without IBANs.
func ibanLength(a, b byte) int {
	i, j := int(a)-'A', int(b)-'A'
	if i < 0 || i > 25 || j < 0 || j > 25 {
		return 0
	}
	return int(ibanLengths[i*26+j])
}

// longestIBAN is the longest length in the registry (LC 32, RU 33), with room
// for the 34 that the standard allows.
const longestIBAN = 34

// registry is the IBAN registry: country code and length.
const registry = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28" +
	"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30" +
	"KW30KZ20LB28LC32LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23" +
	"PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26" +
	"UA29VA22VG24XK20YE30"

var ibanLengths = buildIBANLengths()

func buildIBANLengths() (t [26 * 26]uint8) {
	for i := 0; i < len(registry); i += 4 {
		t[int(registry[i]-'A')*26+int(registry[i+1]-'A')] = (registry[i+2]-'0')*10 + registry[i+3] - '0'
	}
	return t
}

// checkIBAN takes upper-case letters and digits without separators. Beyond
// modulo 97 it holds Slovenian numbers to their national check (BBAN modulo 97
// is 1, so the check digits are always 56) and Slovak ones to theirs (prefix
// and account number, each by weights modulo 11).
func checkIBAN(d []byte) error {
	if len(d) < 5 || ibanLength(d[0], d[1]) != len(d) || d[2] < '0' || d[2] > '9' || d[3] < '0' || d[3] > '9' {
		return ErrShape
	}
	country := [2]byte{d[0], d[1]}
	if country == [2]byte{'S', 'I'} || country == [2]byte{'S', 'K'} {
		for _, c := range d[4:] {
			if c > '9' {
				return ErrShape
			}
		}
	}
	rest := mod97(mod97(0, d[4:]), d[:4])
	if rest != 1 {
		return ErrCheck
	}
	switch country {
	case [2]byte{'S', 'I'}:
		if mod97(0, d[4:]) != 1 {
			return ErrCheck
		}
	case [2]byte{'S', 'K'}:
		prefix, account := d[8:14], d[14:24]
		if weigh(prefix, 10, 5, 8, 4, 2, 1)%11 != 0 || weigh(account, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1)%11 != 0 {
			return ErrCheck
		}
	}
	return nil
}

// mod97 goes on from a remainder over more characters, letters as 10 to 35.
func mod97(rest int, d []byte) int {
	for _, c := range d {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest
}
