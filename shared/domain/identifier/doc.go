// Package identifier finds, checks and masks the identifiers of persons that
// turn up in Slovenian, Slovak and English text: EMŠO, Slovenian tax number,
// Slovak birth number, IBAN, payment card number, phone number and e-mail
// address.
//
// # What counts
//
// [Check] holds a single value against the law or standard of its kind.
// [Detect] reads text once and reports where values stand: kind, byte offsets,
// whether the value is valid, and how sure the finding is. It never hands out
// the value. Matches are in order, do not overlap, and lie on rune boundaries.
//
// Digits may be any Unicode decimal digits. They may be grouped by spaces
// (no-break, thin, narrow and the like included), dashes, and where the kind
// uses them slashes, dots and brackets; zero-width characters inside a number
// are ignored. A tab, a line break or a comma ends a number. A number begins
// and ends where its digits do: never inside a longer run of digits.
//
// Of several readings of the same digits the longest kind wins: IBAN, card,
// EMŠO, birth number, phone, tax number. Three cases depart from that order
// because the other reading is far less likely:
//   - thirteen digits that are a valid EMŠO are one, even where they also pass
//     the Luhn check (cards of thirteen digits start with 4, an EMŠO with 0 to 3);
//   - no card number starts with 0 (ISO/IEC 7812: not for payment cards) or
//     follows a plus sign, so 00386… and +421… stay phones;
//   - a word for a kind just before the number outweighs a weak check.
//
// # Words nearby
//
// The weak kinds, tax number and the birth number of nine digits, count only
// near a word for them (or the prefix SI), since one number in eleven passes
// their check. A word is near if it starts at most [Near] bytes before the
// number, and no other number or foreign label stands between; or if it
// follows within half of that and belongs to no other number. Words are read
// in Slovenian, Slovak and English, inflected, in any case, with or without
// diacritics.
//
// A number of the right shape that fails its check, next to a word for its
// kind, is reported with Valid false and low confidence: it is most likely a
// real number with a slip in it, and is masked. So are the Czech variants of
// the birth number, a Slovenian or Slovak IBAN with wrong check digits, a
// number that starts +386 or +421 and has the wrong length, and an
// e-mail-like string that breaks the rules of addresses.
//
// # Phones without a library
//
// Domain packages import the standard library only, so phones are checked by
// shape: for Slovenia and Slovakia the numbering plans, for the rest of the
// world what ITU-T E.164 allows (an assigned country-code block, 8 to 15
// digits after + or 00). That tells a plausible number from an implausible
// one, not an assigned one. A prefix is demanded (+, 00 or the trunk 0), and a
// date is never a phone.
//
// # Cost
//
// The text is scanned once by a byte table that jumps to digits; each position
// costs a bounded look ahead. No input makes it quadratic.
//
// The package is pure: no clock (a birth date in the future is still a date),
// no I/O, no log; errors say what is wrong and never repeat a value.
//
// Sources: UL RS 8/1999 (EMŠO); Slovenian tax-number check by weights 8..2
// modulo 11; Slovak Act 301/1995; ISO 13616 with the national BBAN checks of
// Slovenia and Slovakia; ISO/IEC 7812; RFC 5321 and 5322 for addresses.
package identifier
