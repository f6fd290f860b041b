package period

import "time"

// The Slovenian act: Zakon o praznikih in dela prostih dnevih v Republiki
// Sloveniji (ZPDPD), Uradni list RS 112/05 (consolidated), 52/10, 40/12
// (ZUJF), 19/15, 83/16, 92/20. Art. 1 lists the state holidays and says which
// of them are worked, art. 2 the other work-free days.
const (
	zpdpd1 = "ZPDPD art. 1"
	zpdpd2 = "ZPDPD art. 2"
)

// slovenianHolidays is complete for 2010 to 2040 as the law stood on
// 21 November 2026.
var slovenianHolidays = []entry{
	{month: time.January, day: 1, name: "novo leto", law: zpdpd1, state: true, workFree: true},
	// The Public Finance Balance Act (ZUJF, UL 40/12) took the second day
	// away from 2013; UL 83/16 gave it back from 2017.
	{month: time.January, day: 2, to: 2012, name: "novo leto", law: zpdpd1, state: true, workFree: true},
	{month: time.January, day: 2, from: 2017, name: "novo leto", law: zpdpd1 + " (UL 83/16)", state: true, workFree: true},
	{month: time.February, day: 8, name: "Prešernov dan, slovenski kulturni praznik", law: zpdpd1, state: true, workFree: true},
	{movable: true, easter: 0, name: "velikonočna nedelja", law: zpdpd2, workFree: true},
	{movable: true, easter: 1, name: "velikonočni ponedeljek", law: zpdpd2, workFree: true},
	{month: time.April, day: 27, name: "dan upora proti okupatorju", law: zpdpd1, state: true, workFree: true},
	{month: time.May, day: 1, name: "praznik dela", law: zpdpd1, state: true, workFree: true},
	{month: time.May, day: 2, name: "praznik dela", law: zpdpd1, state: true, workFree: true},
	{movable: true, easter: 49, name: "binkoštna nedelja", law: zpdpd2, workFree: true},
	// UL 52/10 came out on 30 June 2010, after that year's day.
	{month: time.June, day: 8, from: 2011, name: "dan Primoža Trubarja", law: zpdpd1 + " (UL 52/10)", state: true},
	{month: time.June, day: 25, name: "dan državnosti", law: zpdpd1, state: true, workFree: true},
	{month: time.August, day: 14, from: 2023, to: 2023, name: "dan solidarnosti", law: "ZOPNN-F art. 15 (UL 88/23)", workFree: true},
	{month: time.August, day: 15, name: "Marijino vnebovzetje", law: zpdpd2, workFree: true},
	{month: time.August, day: 17, name: "združitev prekmurskih Slovencev z matičnim narodom", law: zpdpd1, state: true},
	{month: time.September, day: 15, name: "vrnitev Primorske k matični domovini", law: zpdpd1, state: true},
	{month: time.September, day: 23, from: 2020, name: "dan slovenskega športa", law: zpdpd1 + " (UL 92/20)", state: true},
	{month: time.October, day: 25, from: 2015, name: "dan suverenosti", law: zpdpd1 + " (UL 19/15)", state: true},
	{month: time.October, day: 31, name: "dan reformacije", law: zpdpd2, workFree: true},
	{month: time.November, day: 1, name: "dan spomina na mrtve", law: zpdpd1, state: true, workFree: true},
	{month: time.November, day: 23, name: "dan Rudolfa Maistra", law: zpdpd1, state: true},
	{month: time.December, day: 25, name: "božič", law: zpdpd2, workFree: true},
	{month: time.December, day: 26, name: "dan samostojnosti in enotnosti", law: zpdpd1, state: true, workFree: true},
}
