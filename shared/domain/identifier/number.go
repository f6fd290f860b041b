package identifier

// The checks of the number kinds. They take ASCII digits without separators.

// weigh is the sum of digits times weights.
func weigh(digits []byte, weights ...int) (sum int) {
	for i, w := range weights {
		sum += int(digits[i]-'0') * w
	}
	return sum
}

// number reads digits as a whole number; the callers bound their count.
func number(digits []byte) (n int) {
	for _, c := range digits {
		n = n*10 + int(c-'0')
	}
	return n
}

// checkEMSO: DDMMLLLRRZZZK. LLL are the last three digits of the year, of the
// 2000s below 800, else of the 1000s; RR is the register (50 Slovenia, others
// the former republics); K by weights 7 6 5 4 3 2 twice. Where the rule gives
// K=10 no number is issued (UL RS 8/1999).
func checkEMSO(d []byte) error {
	if len(d) != 13 {
		return ErrShape
	}
	year := 1000 + number(d[4:7])
	if year < 1800 {
		year += 1000
	}
	if !realDate(year, number(d[2:4]), number(d[0:2])) {
		return ErrDate
	}
	k := 11 - weigh(d, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11
	switch {
	case k == 10:
		return ErrNotIssued
	case k%11 != int(d[12]-'0'):
		return ErrCheck
	}
	return nil
}

// checkTax: eight digits, the first not 0, the last by weights 8 to 2 modulo
// 11; a result of 10 is written 0, and with 11 no number is issued.
func checkTax(d []byte) error {
	if len(d) != 8 || d[0] == '0' {
		return ErrShape
	}
	k := 11 - weigh(d, 8, 7, 6, 5, 4, 3, 2)%11
	switch {
	case k == 11:
		return ErrNotIssued
	case k%10 != int(d[7]-'0'):
		return ErrCheck
	}
	return nil
}

// checkBirthNumber: YYMMDDXXXX, a woman's month plus 50, divisible by 11 (Slovak
// Act 301/1995). Years below 54 are of the 2000s. Nine digits were issued
// until the end of 1953 and carry no check. What only Czech law knows (months
// plus 20 or 70, remainder 10 written 0) is [ErrNotIssued].
func checkBirthNumber(d []byte) error {
	if len(d) != 9 && len(d) != 10 {
		return ErrShape
	}
	year, month, day := number(d[0:2]), number(d[2:4]), number(d[4:6])
	switch {
	case len(d) == 9 && year > 53:
		return ErrNotIssued
	case len(d) == 9 || year >= 54:
		year += 1900
	default:
		year += 2000
	}
	czech := false
	if month > 50 {
		month -= 50
	}
	if month > 20 {
		month -= 20
		czech = true
	}
	if !realDate(year, month, day) {
		return ErrDate
	}
	if len(d) == 10 && number(d)%11 != 0 {
		if number(d[:9])%11 != 10 || d[9] != '0' {
			return ErrCheck
		}
		czech = true
	}
	if czech {
		return ErrNotIssued
	}
	return nil
}

// checkCard: 12 to 19 digits, the Luhn check, not all the same (ISO/IEC 7812).
func checkCard(d []byte) error {
	if len(d) < 12 || len(d) > 19 {
		return ErrShape
	}
	sum, same := 0, true
	for i := range d {
		n := int(d[len(d)-1-i] - '0')
		if i%2 == 1 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
		same = same && d[i] == d[0]
	}
	switch {
	case same:
		return ErrNotIssued
	case sum%10 != 0:
		return ErrCheck
	}
	return nil
}

// knownIssuer: the number starts like those of the card schemes seen in Europe
// (Amex, Diners, JCB 3; Visa 4; Mastercard 51-55 and 2221-2720; Maestro and
// others 50, 56-58, 6). Others are cards too, with less confidence.
func knownIssuer(d []byte) bool {
	switch d[0] {
	case '3', '4', '6':
		return true
	case '5':
		return d[1] <= '8'
	case '2':
		n := number(d[:4])
		return 2221 <= n && n <= 2720
	}
	return false
}

// realDate reports whether the day exists in the Gregorian calendar.
func realDate(year, month, day int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	days := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		days = 29
	}
	return day <= days
}
