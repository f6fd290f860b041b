package period

// The provisions cited for counting. Regulation 1182/71 is Council Regulation
// (EEC, Euratom) No 1182/71 of 3 June 1971, OJ L 124, 8.6.1971, p. 1.
const (
	regulation = "Regulation 1182/71 "
	summerTime = "Directive 2000/84/EC art. 2 and 3"
	edpbPause  = "EDPB Guidelines 01/2022 section 5.3"
	tableNote  = "holiday table"
	convention = " (by convention)"
)

// citations are the articles of one regime for: the day or hour of the event,
// the last day of days, of months and years, a missing date, holidays inside
// the period, roll-over, two working days, counting backward.
type citations struct {
	dayZero, days, months, clamp, inside, roll, twoDays, backward string
}

var citationsOf = map[Regime]citations{
	RegimeEU: {
		dayZero:  regulation + "art. 3(1)",
		days:     regulation + "art. 3(2)(b)",
		months:   regulation + "art. 3(2)(c)",
		clamp:    regulation + "art. 3(2)(c)",
		inside:   regulation + "art. 3(2)(a) and 3(3)",
		roll:     regulation + "art. 3(4) with art. 2(2)",
		twoDays:  regulation + "art. 3(5)",
		backward: regulation + "art. 3(4)",
	},
	// ZUP art. 100 leaves out the day of service and ends months on the same
	// date; art. 101 moves the last day. It has no hours and no notices.
	RegimeZUP: {
		dayZero:  "ZUP art. 100",
		days:     "ZUP art. 100",
		months:   "ZUP art. 100",
		clamp:    "ZUP art. 100",
		inside:   "ZUP art. 101",
		roll:     "ZUP art. 101",
		backward: "ZUP art. 101",
	},
	RegimeContract: {
		dayZero:  regulation + "art. 3(1)" + convention,
		days:     regulation + "art. 3(2)(b)" + convention,
		months:   regulation + "art. 3(2)(c)" + convention,
		clamp:    regulation + "art. 3(2)(c)" + convention,
		inside:   regulation + "art. 3(2)(a) and 3(3)" + convention,
		roll:     regulation + "art. 3(4) with art. 2(2)" + convention,
		twoDays:  regulation + "art. 3(5)" + convention,
		backward: regulation + "art. 3(4)" + convention,
	},
}

// cite returns the articles of the regime; the empty regime is the
// Regulation.
func (r Regime) cite() citations {
	if r == "" {
		return citationsOf[RegimeEU]
	}
	return citationsOf[r]
}
