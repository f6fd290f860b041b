package period

import "slices"

// Definitions returns all rules in the order of their table, each with its
// length, roll-over and sources. Weeks and citations are shared: read only.
func Definitions() []Definition { return slices.Clone(table) }

// The articles and clauses behind the rules; the clauses are those of the
// seed documents.
const (
	gdpr12  = "GDPR art. 12(3)"
	gdpr14  = "GDPR art. 14(3)(a)"
	gdpr33  = "GDPR art. 33(1)"
	zvop22  = "ZVOP-2 art. 22"
	ekc781  = "EKC terms 7.8.1"
	saop131 = "Saopnet terms 13"
)

// table is the closed set of rules. Numbers that parties may agree otherwise
// are here as the seed documents have them; a pack uses terms of its own.
var table = []Definition{
	{Rule: RuleDSAR1M, From: "receipt of the request", Term: Months(1).Under(gdpr12).Rolled(), Cites: []string{"K21"}},
	{Rule: RuleART14OneMonth, From: "obtaining the data", Term: Months(1).Under(gdpr14).Rolled(), Cites: []string{"P07"}},
	{Rule: RuleDSAR3M, From: "receipt of the request, extension used", Term: Months(1).Extended(2).Under(gdpr12 + ", second sentence").Rolled(), Cites: []string{"K21", "P20"}},
	{Rule: RuleSKDSAR30D, From: "delivery of the request", Term: Days(30).Under("Smernica 3.3").By(RegimeContract), Home: SK, Cites: []string{"P20"}},

	{Rule: RuleBreach72H, From: "awareness of the breach", Term: Hours(72).Under(gdpr33), Cites: []string{"K26"}},
	{Rule: RuleProcessor24H, From: "awareness of the processor", Term: Hours(24).Under("2Mobile measures 4.3.1").By(RegimeContract), Cites: []string{"M08"}},
	{Rule: RuleProcessor48H, From: "awareness of the processor", Term: Hours(48).Under("Laboss clauses 9.2").By(RegimeContract), Cites: []string{"L07"}},
	{Rule: RuleNIS2Warning24H, From: "awareness of the significant incident", Term: Hours(24).Under("Directive (EU) 2022/2555 art. 23(4)(a)")},
	{Rule: RuleNIS2Notice72H, From: "awareness of the significant incident", Term: Hours(72).Under("Directive (EU) 2022/2555 art. 23(4)(b)")},
	{Rule: RuleBreach72H1182, From: "awareness of the breach", Term: Hours(72).Under(gdpr33).FromFullHour(), Cites: []string{"K26"}},
	{Rule: RuleNIS2Final1M, From: "submission of the 72-hour notification", Term: Months(1).Under("Directive (EU) 2022/2555 art. 23(4)(d)")},

	{Rule: RuleZUP15D, From: "service of the document", Term: Days(15).Under("ZUP art. 100 and 101").By(RegimeZUP).Rolled(), Home: SI, Cites: []string{"K20", "K24"}},

	{Rule: RuleRetention5Y, From: "trigger date of the record", Term: OlderThan(5, Year).Under(ekc781).By(RegimeContract), Cites: []string{"K13", "K14"}},
	{Rule: RuleRetention1Y, From: "creation of the interaction or entry", Term: OlderThan(1, Year).Under(ekc781).By(RegimeContract), Cites: []string{"K15"}},
	{Rule: RuleRetention6M, From: "the log-in", Term: OlderThan(6, Month).Under(ekc781 + ", 7.13.12").By(RegimeContract), Cites: []string{"K16"}},
	{Rule: RuleZVOP22Log2Y, From: "the entry", Term: YearsAfter(2).Under(zvop22).By(RegimeContract), Home: SI, Cites: []string{"L11"}},
	{Rule: RuleZVOP22Log5Y, From: "the entry", Term: YearsAfter(5).Under(zvop22 + " (risk analysis)").By(RegimeContract), Home: SI, Cites: []string{"L11"}},

	{Rule: RuleNotice3M, From: "notice of termination", Term: Months(3).Under("Saopnet terms 15.4(a)").By(RegimeContract), Cites: []string{"S21"}},
	{Rule: RulePassword3M, From: "setting of the password", Term: Months(3).Under("2Mobile measures 1.2.8").By(RegimeContract), Cites: []string{"M02"}},
	{Rule: RuleLicenceIdle1Y, From: "the last invoice", Term: Years(1).Under("Saopnet terms 15.4(d)").By(RegimeContract), Cites: []string{"S21"}},
	{Rule: RuleReturnData30D, From: "end of the contract", Term: Days(30).Under("Laboss clauses 10, annex A").By(RegimeContract), Cites: []string{"L08"}},
	{Rule: RuleForceMajeure2D, From: "the event of force majeure", Term: Days(2).Under("Saopnet terms 14.33").By(RegimeContract), Cites: []string{"S18"}},
	{Rule: RuleSaopResponse7D, From: "the support request", Term: Days(7).Under("Saopnet terms 8.2").By(RegimeContract), Cites: []string{"S05"}},
	{Rule: RuleOnboardTraining7D, From: "taking up the work", Term: Days(7).Under("2Mobile measures 4.1.6").By(RegimeContract), Cites: []string{"M06"}},

	{Rule: RuleMaintenanceNotice, From: "start of the work", Term: Before(6, Hour).Under("Saopnet terms 6.2").By(RegimeContract), Cites: []string{"S04"}},
	{Rule: RuleTermsNotice3D, From: "effect of the new terms", Term: Before(3, Day).Under(saop131 + ".2").By(RegimeContract), Cites: []string{"S09"}},
	{Rule: RuleTermsWithdraw5D, From: "effect of the new terms", Term: Before(5, Day).Under(saop131 + ".3").By(RegimeContract), Cites: []string{"S09"}},
	{Rule: RuleSubprocessorNotice, From: "first use of the sub-processor", Term: Before(7, Day).Under("Laboss clauses 6.3").By(RegimeContract), Cites: []string{"L04"}},
	{Rule: RuleAuditNotice30D, From: "date of the audit", Term: Before(30, Day).Under("Laboss clauses, annex C.6").By(RegimeContract), Cites: []string{"L09"}},

	{Rule: RuleEKCOpen, From: "any instant", Week: Weekdays(8*60, 22*60), Law: "EKC terms 2.1 and 5", Cites: []string{"K01"}},
	{Rule: RuleSaopOpen, From: "any instant", Week: Weekdays(8*60, 16*60), Law: "Saopnet terms 8.1", Cites: []string{"S05"}},
}

var definitions = func() map[Rule]Definition {
	m := make(map[Rule]Definition, len(table))
	for _, d := range table {
		m[d.Rule] = d
	}
	return m
}()
