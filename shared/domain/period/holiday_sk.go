package period

import "time"

// The Slovak act: Zákon č. 241/1993 Z. z. o štátnych sviatkoch, dňoch
// pracovného pokoja a pamätných dňoch. § 1 lists the state holidays, § 2(1)
// makes them days of rest with exceptions, § 2(2) lists the other days of
// rest.
const (
	act241s1  = "Act 241/1993 Z. z. § 1 and § 2(1)"
	act241s2  = "Act 241/1993 Z. z. § 2(2)"
	act261    = " as amended by Act 261/2025 Z. z."
	act530    = " as amended by Act 530/2023 Z. z."
	act241s4a = "Act 241/1993 Z. z. § 4a"
)

// slovakHolidays is complete for 2010 to 2040 as the law stood on 21 November
// 2026. 8 May and 15 September lost their rest for 2026 only; 6 January was
// proposed for that too, but kept. The years from 2027 may be changed again:
// a new row here, or an [Override] in a pack until then.
var slovakHolidays = []entry{
	{month: time.January, day: 1, name: "Deň vzniku Slovenskej republiky", law: act241s1, state: true, workFree: true},
	{month: time.January, day: 6, name: "Zjavenie Pána (Traja králi)", law: act241s2, workFree: true},
	{movable: true, easter: -2, name: "Veľký piatok", law: act241s2, workFree: true},
	{movable: true, easter: 1, name: "Veľkonočný pondelok", law: act241s2, workFree: true},
	{month: time.May, day: 1, name: "Sviatok práce", law: act241s2, workFree: true},
	{month: time.May, day: 8, to: 2025, name: "Deň víťazstva nad fašizmom", law: act241s2, workFree: true},
	{month: time.May, day: 8, from: 2026, to: 2026, name: "Deň víťazstva nad fašizmom", law: act241s2 + act261},
	{month: time.May, day: 8, from: 2027, name: "Deň víťazstva nad fašizmom", law: act241s2, workFree: true},
	{month: time.July, day: 5, name: "sviatok svätého Cyrila a svätého Metoda", law: act241s1, state: true, workFree: true},
	{month: time.August, day: 29, name: "výročie Slovenského národného povstania", law: act241s1, state: true, workFree: true},
	{month: time.September, day: 1, to: 2023, name: "Deň Ústavy Slovenskej republiky", law: act241s1, state: true, workFree: true},
	{month: time.September, day: 1, from: 2024, name: "Deň Ústavy Slovenskej republiky", law: act241s1 + act530, state: true},
	{month: time.September, day: 15, to: 2025, name: "Sedembolestná Panna Mária", law: act241s2, workFree: true},
	{month: time.September, day: 15, from: 2026, to: 2026, name: "Sedembolestná Panna Mária", law: act241s2 + act261},
	{month: time.September, day: 15, from: 2027, name: "Sedembolestná Panna Mária", law: act241s2, workFree: true},
	{month: time.October, day: 28, from: 2021, name: "Deň vzniku samostatného česko-slovenského štátu", law: act241s1, state: true},
	{month: time.October, day: 30, from: 2018, to: 2018, name: "výročie Deklarácie slovenského národa", law: act241s4a, state: true, workFree: true},
	{month: time.November, day: 1, name: "sviatok Všetkých svätých", law: act241s2, workFree: true},
	{month: time.November, day: 17, to: 2024, name: "Deň boja za slobodu a demokraciu", law: act241s1, state: true, workFree: true},
	{month: time.November, day: 17, from: 2025, name: "Deň boja za slobodu a demokraciu", law: act241s1 + act261, state: true},
	{month: time.December, day: 24, name: "Štedrý deň", law: act241s2, workFree: true},
	{month: time.December, day: 25, name: "prvý sviatok vianočný", law: act241s2, workFree: true},
	{month: time.December, day: 26, name: "druhý sviatok vianočný", law: act241s2, workFree: true},
}
