package identifier

// checkPhone takes the digits of a number that starts with a plus sign, with
// 00, or with the trunk 0 of Slovenia or Slovakia. The digits decide the
// country of a trunk number: eight after the 0 in Slovenia, nine in Slovakia.
func checkPhone(d []byte, plus bool) error {
	switch {
	case plus:
		return checkInternational(d)
	case len(d) < 3 || d[0] != '0':
		return ErrShape
	case d[1] == '0':
		return checkInternational(d[2:])
	case slovenian(d[1:]) || slovak(d[1:]):
		return nil
	}
	return ErrShape
}

// checkInternational takes the digits from the country code on (ITU-T E.164).
func checkInternational(d []byte) error {
	if len(d) < 8 || len(d) > 15 {
		return ErrShape
	}
	home := homeCode(d)
	switch {
	case home == "386" && !slovenian(d[3:]), home == "421" && !slovak(d[3:]):
		return ErrShape
	case d[0] == '0':
		return ErrShape
	}
	// The blocks that the ITU has not assigned.
	switch string(d[:2]) {
	case "28", "83", "89":
		return ErrNotIssued
	}
	return nil
}

// homeCode answers 386 or 421 where the digits start so, else nothing.
func homeCode(d []byte) string {
	if len(d) >= 3 {
		switch string(d[:3]) {
		case "386":
			return "386"
		case "421":
			return "421"
		}
	}
	return ""
}

// slovenian holds a number without its trunk 0 against the Slovenian plan:
// eight digits, a geographic area (1 to 5 and 7, then 2 to 8) or one of the
// mobile and internet codes; free (80) and premium (89, 90) numbers may be shorter.
func slovenian(d []byte) bool {
	if len(d) < 6 || len(d) > 8 {
		return false
	}
	switch code := string(d[:2]); code {
	case "80", "89", "90":
		return true
	case "30", "31", "40", "41", "49", "51", "59", "64", "65", "68", "69", "70", "71", "81", "82", "83":
		return len(d) == 8
	}
	switch d[0] {
	case '1', '2', '3', '4', '5', '7':
		return len(d) == 8 && '2' <= d[1] && d[1] <= '8'
	}
	return false
}

// slovak holds a number without its trunk 0 against the Slovak plan: nine
// digits; Bratislava 2, other areas 31 to 58, internet 60, 65 and 69, free and
// shared 80, 81 and 85 to 89, mobile and premium 9.
func slovak(d []byte) bool {
	if len(d) != 9 {
		return false
	}
	switch d[0] {
	case '2':
		return d[1] >= '1'
	case '3', '4', '5':
		return '1' <= d[1] && d[1] <= '8'
	case '6':
		return d[1] == '0' || d[1] == '5' || d[1] == '9'
	case '8':
		return d[1] <= '1' || d[1] >= '5'
	case '9':
		return true
	}
	return false
}
