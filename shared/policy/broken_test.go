package policy

import (
	"os"
	"strings"
	"testing"
)

// Each case takes a built-in pack, breaks one thing, and marks the line that
// the finding must name with "# here".
var broken = []struct {
	name, pack, old, new string
	fault                Fault
	rule, remedy         string
}{
	// Form.
	{"an unknown key", "ekc", "          each_own: true", "          each_ownn: true # here", FaultSchema, Strict + ", K26", `did you mean "each_own"`},
	{"an unknown key at the top", "ekc", "extends: law-si", "extends: law-si\nextend: law-si # here", FaultSchema, Strict, `did you mean "extends"`},
	{"a key twice", "ekc", "          each_own: true", "          each_own: true\n          each_own: true # here", FaultSyntax, Strict, "plain YAML"},
	{"an alias", "ekc", "          each_own: true", "          each_own: *x # here", FaultSyntax, Strict, "plain YAML"},
	{"an anchor", "ekc", "          each_own: true", "          each_own: &x true # here", FaultSyntax, Strict, "plain YAML"},
	{"an empty value", "ekc", "          each_own: true", "          each_own: # here", FaultSyntax, Strict, "plain YAML"},
	{"a class of person that does not exist", "ekc", "        default: other", "        default: others # here", FaultSchema, Strict + ", K02", `did you mean "other"`},
	{"a span without a unit", "ekc", "          within: 72h\n          each_own", "          within: 72 # here\n          each_own", FaultSchema, Strict + ", K26", "write string"},
	{"a span with an unknown unit", "ekc", "          within: 72h\n          each_own", "          within: 72hours # here\n          each_own", FaultSchema, Strict + ", K26", "a whole number and a unit"},
	{"a date that does not exist", "ekc", "  - valid_from: 2025-05-01\n    note", "  - valid_from: 2025-02-30 # here\n    note", FaultSchema, Strict, "existing day"},
	{"a zone that does not exist", "ekc", "zone: Europe/Ljubljana", "zone: Europe/Lubljana # here", FaultSchema, Strict, "IANA"},
	{"a missing key", "ekc", "          purpose: help and solving of customers' problems, and passing them to further levels of support\n", "", FaultSchema, Strict, `add "purpose"`},
	{"a value without a clause", "2mobile", "        methods: {value: [unique user name with password and second factor], clause: \"2mobile 1.2(7)\", rules: [M03]}", "        methods: [unique user name] # here", FaultClause, Strict, "okence default"},
	{"a clause of an unknown source", "ekc", "court: {value: Ljubljana, clause: ekc 8, rules: [K30]}", "court: {value: Ljubljana, clause: ekz 8, rules: [K30]} # here", FaultClause, Strict, "zvop-2"},
	{"a value without a rule id", "2mobile", "clause: \"2mobile 4.2(1)\", rules: [M07]}", "clause: \"2mobile 4.2(1)\"} # here", FaultClause, Strict, "rules: [K26]"},
	{"a base that does not exist", "ekc", "extends: law-si", "extends: law-hr # here", FaultExtends, Strict, "law-si"},
	{"a base that is not a law", "ekc", "extends: law-si", "extends: laboss # here", FaultExtends, Strict, "extend law-eu"},
	{"versions out of order", "law-si", "  - valid_from: 2025-06-19", "  - valid_from: 2019-06-19 # here", FaultExtends, Strict, "one version a day"},

	{"two versions of one day", "law-si", "  - valid_from: 2025-06-19", "  - valid_from: 2023-01-26 # here", FaultExtends, Strict, "one version a day"},

	// Clocks.
	{"an authority clock over 72 hours", "ekc", "          within: 72h\n          each_own", "          within: 73h # here\n          each_own", FaultAuthorityClock, "GDPR art. 33(1), K26, BREACH_72H", "set 72h or less"},
	{"an authority clock of three days, 73 hours in autumn", "ekc", "          within: 72h\n          each_own", "          within: 3d # here\n          each_own", FaultAuthorityClock, "GDPR art. 33(1)", "in hours"},
	{"an agreement that stretches the authority clock", "ekc", "            joint: {agree: 12h}", "            authority: {within: 96h} # here", FaultAuthorityClock, "GDPR art. 33(1)", "72h or less"},
	{"time to agree that eats the clock", "ekc", "            joint: {agree: 12h}", "            joint: {agree: 80h} # here", FaultAuthorityClock, "K26, A8", "24h is the default"},
	{"a processor clock over 72 hours", "2mobile", "          within: {value: 24h, clause: \"2mobile 4.3(1)\", rules: [M08, PROC_24H]}", "          within: {value: 96h, clause: \"2mobile 4.3(1)\", rules: [M08, PROC_24H]} # here", FaultProcessorClock, "GDPR art. 33(2)", "24h is the default"},
	{"a notice without an item of art. 33(3)", "law-eu", "          items: [nature, contact, consequences, measures]", "          items: [nature, contact, measures] # here", FaultContent, "GDPR art. 33(3)", "consequences"},
	{"warnings that do not rise", "law-eu", "          value: [0.5, 0.75, 0.9]", "          value: [0.5, 0.9, 0.75]", FaultWarn, "K26", "[0.5, 0.75, 0.9]"},
	{"a NIS2 warning after a day", "law-si", "          warning: 24h", "          warning: 25h # here", FaultAuthorityClock, "NIS2 art. 23(4)", "set 24h"},

	// Logs.
	{"a declared log kept a year from the entry", "laboss", "          trigger: end_of_year\n          period: {value: 2y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y], note: The clauses declare", "          trigger: event\n          period: {value: 1y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y], note: The clauses declare", FaultLogMinimum, "ZVOP-2 art. 22", "trigger: end_of_year and period: 2y"},
	{"a declared log kept two years from the entry, not from the year's end", "laboss", "          trigger: end_of_year\n          period: {value: 2y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y], note: The clauses declare", "          trigger: event\n          period: {value: 2y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y], note: The clauses declare", FaultLogMinimum, "ZVOP-2 art. 22", "log_law: false"},
	{"a declared log kept over five years", "laboss", "          period: {value: 2y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y]", "          period: {value: 6y, clause: zvop-2 22, rules: [L11, ZVOP22_LOG_2Y]", FaultLogMaximum, "ZVOP22_LOG_5Y", "5y or less"},
	{"the statute declared over a log of one year", "ekc", "          log_law: {value: false,", "          log_law: {value: true,", FaultLogMinimum, "ZVOP-2 art. 22, ZVOP22_LOG_2Y, K10", "log_law: false with its clause"},
	{"large-scale health data declared free of the log", "laboss", "          log_law: {value: true, clause: \"laboss C.2 security\", rules: [L11]}", "          log_law: {value: false, clause: \"laboss C.2 security\", rules: [L11]} # here", FaultLogDeclared, "ZVOP-2 art. 22(1)", "log_law: true"},
	{"a log about no processing", "ekc", "          processing: support\n          store: platform", "          processing: suport # here\n          store: platform", FaultRefers, "K10", "support"},

	// Transfers.
	{"a sub-processor outside the EEA without a mark", "laboss", "          known_defect: {fault: transfer, why: \"listed although C.2, C.4 and C.5 demand the EU; no instruction, no tool\", safe: closed for data until the controller's instruction and a transfer tool are recorded}\n        xano:", "        xano:", FaultTransfer, "L05, GDPR arts. 28(3)(a), 44 to 49", "add instruction"},
	{"a marked sub-processor still open for data", "saopnet", "          usable: false\n          known_defect: {fault: transfer, why: Serbia", "          usable: true\n          known_defect: {fault: transfer, why: Serbia", FaultTransfer, "L05", "usable: false"},
	{"an instruction without a transfer tool", "laboss", "        google: {name: Google Ireland Limited, country: IE,", "        google: {name: Google Ireland Limited, country: US, instruction: \"letter of 1 March 2026\",", FaultTransfer, "L05", "tool"},
	{"any transfer where the pack forbids all", "ekc", "      disclosure:\n        clause: ekc 7.9", "      subprocessors:\n        bot: {name: Bot Inc., country: US, instruction: x, tool: scc, clause: ekc 7.10, rules: [K19]} # here\n      disclosure:\n        clause: ekc 7.9", FaultTransfer, "K19", "in the EEA"},
	{"storage outside the EEA where transfers are never allowed", "ekc", "        countries: [EEA]\n        transfers: never", "        countries: [EEA, US] # here\n        transfers: never", FaultStorage, "K19", "remove the country"},
	{"a general authorisation without notice", "laboss", "        notice: {value: 7d, clause: laboss 6.3, rules: [L04, SUBPROC_NOTICE_7D]}\n", "", FaultSubProcessing, "GDPR art. 28(2)", "7d"},
	{"silence in place of written consent", "saopnet", "        silence: never", "        silence: approves # here", FaultSubProcessing, "S15", "silence: never"},

	// Retention.
	{"retention over its ceiling", "ekc", "          trigger: created\n          period: 1y", "          trigger: created\n          period: 13m # here", FaultRetention, "A7", "shorten it"},
	{"retention under its floor", "law-eu", "        request-file: {store: platform, of: anyone, class: request, trigger: case_closed, period: 5y,", "        request-file: {store: platform, of: anyone, class: request, trigger: case_closed, period: 6m,", FaultRetention, "A7", "raise it"},
	{"a log-in log over six months", "ekc", "          trigger: event\n          period: 6m", "          trigger: event\n          period: 7m # here", FaultRetention, "K16", "shorten it"},
	{"retention in hours", "ekc", "          trigger: created\n          period: 1y", "          trigger: created\n          period: 720h # here", FaultRetention, "A7", "days, months or years"},
	{"a log counted in months from the end of the year", "saopnet", "          period: {value: 2y, clause: okence default, rules: [S11]", "          period: {value: 24m, clause: okence default, rules: [S11]", FaultRetention, "ZVOP22_LOG_2Y", "whole years"},
	{"two terms for one class of log entries", "ekc", "          class: login_log\n", "          class: log\n", FaultRetention, "A7, K15", "another retention class"},
	{"an idle time in months", "law-eu", "        idle: {email: 14d,", "        idle: {email: 1m,", FaultHours, "K04", "minutes, hours or days"},
	{"a log with neither period nor end", "ekc", "          trigger: event\n          period: 6m\n", "          trigger: event\n", FaultRetention, "K15, K16", "ticket_end"},
	{"platform data anonymised in place of deleted", "ekc", "          bound: after\n          action: delete", "          bound: after\n          action: anonymise # here", FaultAnonymisation, "K15", "action: delete"},
	{"an offer to an archive that is no party", "ekc", "                to: archive\n", "                to: museum # here\n", FaultRefers, Strict, "archive"},
	{"an archive without time to answer", "ekc", "                answer: 60d\n", "                answer: 0d\n", FaultRetention, "A8", "60d"},
	{"messages offered to an archive", "ekc", "            desk-other:\n              offer:\n", "            platform:\n              offer: # here\n", FaultRetention, "A8", "take it out"},
	{"a field without a generic term", "ekc", "          worker: ANONIMIZIRAN DELAVEC\n", "", FaultAnonymisation, "K17, K18", "anonymisation.generic"},
	{"a generic term that differs by record", "ekc", "          worker: ANONIMIZIRAN DELAVEC", "          worker: DELAVEC 17 # here", FaultAnonymisation, "K17", "plain word"},

	// Requests and rights.
	{"an answer in forty days", "ekc", "          rules: [K21, DSAR_1M]\n          within: 1m", "          rules: [K21, DSAR_1M]\n          within: 40d # here", FaultAnswer, "GDPR art. 12(3)", "set 1m"},
	{"an answer in thirty days, longer than February", "ekc", "          rules: [K21, DSAR_1M]\n          within: 1m", "          rules: [K21, DSAR_1M]\n          within: 30d # here", FaultAnswer, "GDPR art. 12(3)", "the earlier end"},
	{"an extension over three months", "smernica-sk", "          total: 3m", "          total: 4m # here", FaultExtension, "DSAR_3M", "3m or less"},
	{"an extension told too late", "smernica-sk", "          tell_within: 1m", "          tell_within: 2m # here", FaultExtension, "GDPR art. 12(3), P20", "1m or less"},
	{"a fee for answers", "smernica-sk", "        free: {value: true, clause: \"smernica 3.2.1, 3.3\", rules: [P08, P20]}", "        free: {value: false, clause: \"smernica 3.2.1, 3.3\", rules: [P08, P20]} # here", FaultRight, "GDPR art. 12(5)", "free: true"},
	{"portability denied", "smernica-sk", "                value: granted\n", "                value: refused\n", FaultRight, "P18", "safe value"},
	{"a refusal without a reason", "ekc", "{by: mdp, outcome: refused, reason: trail_not_erased}", "{by: mdp, outcome: refused} # here", FaultRight, "GDPR art. 12(4), K23", "reason"},
	{"a right nobody answers", "ekc", "            objection: {by: mdp, outcome: granted, method: on request}\n", "", FaultCompetence, "GDPR art. 26(1), K22", "name the party"},
	{"competence of an unknown party", "ekc", "            restriction: {by: mdp, outcome: granted, method: on request}", "            restriction: {by: mdb, outcome: granted, method: on request} # here", FaultRefers, "K22", "mdp"},
	{"copies of identity documents", "law-eu", "          copies_of_id: false", "          copies_of_id: true # here", FaultIDCopy, "P10", "copies_of_id: false"},
	{"a data protection officer who decides", "law-eu", "        decides: {value: [officer],", "        decides: {value: [dpo],", FaultDecider, "GDPR art. 38(6)", "officer"},
	{"consent bundled into terms", "smernica-sk", "        bundled: false", "        bundled: true # here", FaultConsent, "GDPR art. 7(2)", "ask for it apart"},
	{"special categories on a contract", "laboss", "          special: true\n", "          special: true\n          basis: {patient: contract} # here\n", FaultBasis, "GDPR art. 9, P01", "art. 9(2)"},
	{"a processor's own purpose carried out", "laboss", "            value: false\n            clause: laboss A", "            value: true\n            clause: laboss A", FaultPurpose, "GDPR arts. 5(1)(b)", "leave it out"},
	{"a birth number that may be published", "smernica-sk", "        never_public: {value: [birth_number], clause: \"smernica 2.1.1\", rules: [P04]}", "        never_public: {value: [name], clause: \"smernica 2.1.1\", rules: [P04]} # here", FaultConsent, "P04", "birth_number"},

	// Service.
	{"a field that the technical specification may not hold", "ekc", "                platform: {other: [email, phone]}\n                desk: {other: [email, phone]}", "                platform: {other: [email, phone]}\n                desk: {other: [email, phone, emso]} # here", FaultFields, "K09", "add it to allowed"},
	{"a field shown to the second level but not held", "ekc", "              escalate: {other: [email, details], clause: spec B.5, rules: [K03]}", "              escalate: {other: [email, emso, details], clause: spec B.5, rules: [K03]} # here", FaultFields, "K03, K09", "list it under fields"},
	{"one account on two lines", "ekc", "account: [\"080 2002\", \"0802002\"]", "account: [\"+386 1 4788778\"]", FaultLine, "K02", "one line for each account"},
	{"self-service for others", "ekc", "        selfservice: {channel: selfservice, account: [\"*\"], class: servant,", "        selfservice: {channel: selfservice, account: [\"*\"], class: other,", FaultLine, "K02", "change the class"},
	{"hours that end before they begin", "ekc", "from: \"08:00\", to: \"22:00\"", "from: \"22:00\", to: \"08:00\"", FaultHours, "K01", "from must come before to"},
	{"holidays left open", "ekc", "to: \"22:00\", holidays: closed", "to: \"22:00\", holidays: perhaps", FaultHours, "K01", "write closed"},
	{"a day off that does not exist", "ekc", "      conversation:\n        clause: \"ekc 3.1.1\"", "      holidays: # here\n        2026-02-30: {name: x, work_free: true, law: y, clause: ekc 2.1, rules: [K01]}\n      conversation:\n        clause: \"ekc 3.1.1\"", FaultHours, "K01", "existing date"},
	{"a text missing in a language of the pack", "law-eu", "            sk: \"napriek výzve sme nemohli overiť vašu totožnosť\"\n", "", FaultText, "K25", "add it"},
	{"a text with other blanks in one language", "law-eu", "            en: \"a statute demands that the data be kept until {until}\"", "            en: \"a statute demands that the data be kept until {date}\" # here", FaultText, "K25", "same blanks"},
	{"a custodian who is no party", "ekc", "              title: Permits of a business\n              custodian: user-body", "              title: Permits of a business\n              custodian: nobody # here", FaultRefers, "K03", "user-body"},

	// Parties and terms.
	{"one joint controller alone", "ekc", "roles: {mdp: joint_controller, user-body: joint_controller,", "roles: {mdp: joint_controller,", FaultRoles, "GDPR art. 26", "name the other"},
	{"a processor without a controller", "2mobile", "roles: {controller: controller, 2mobile: processor}", "roles: {2mobile: processor}", FaultRoles, "GDPR art. 28", "controller"},
	{"a role of an unknown party", "2mobile", "roles: {controller: controller, 2mobile: processor}", "roles: {kontroller: controller, 2mobile: processor}", FaultRefers, Strict, "2mobile, controller"},
	{"late withdrawal before notice, though marked", "saopnet", "        withdraw_late:\n          value: 1d", "        withdraw_late: # here\n          value: 4d", FaultNoticeDates, "S09", "under written"},
	{"withdrawal before notice, and nothing for who is told later", "saopnet", "        withdraw: {value: 5d, clause: saopnet 13.3, rules: [S09, TERMS_WITHDRAW_5D]}\n        withdraw_late:\n          value: 1d\n          clause: saopnet 13.3\n          rules: [S09]\n          known_defect:\n            fault: notice-dates\n            written: 5d\n            why: withdrawal is due by the fifth day before effect, notice only by the third\n            safe: who was told when the fifth day was over may withdraw up to the day before effect; the old terms stay for who withdrew\n", "        withdraw: {value: 5d, clause: saopnet 13.3, rules: [S09, TERMS_WITHDRAW_5D]} # here\n", FaultNoticeDates, "S09", "under withdraw_late"},
	{"a mark on late withdrawal that nobody needs", "saopnet", "        withdraw: {value: 5d,", "        withdraw: {value: 2d,", FaultMark, Strict, "remove the mark"},
	{"a change that needs no approval", "ekc", "          purpose: {value: 2, clause: ekc 3.1, rules: [K08]}", "          purpose: {value: 0, clause: ekc 3.1, rules: [K08]} # here", FaultRoles, "K08", "how many"},

	{"a joint duty of a sole controller", "smernica-sk", "      disclosure:\n        register", "      breach: {authority: {each_own: true, clause: smernica 3.4, rules: [P21]}} # here\n      disclosure:\n        register", FaultRoles, "K26", "joint_controller"},
	{"a sole controller beside joint controllers", "ekc", "user-body: joint_controller, clause: ekc 7.3", "user-body: joint_controller, desk-keeper: controller, clause: ekc 7.3", FaultRoles, "GDPR art. 26", "split the processing"},
	{"a sub-processor without a processor", "smernica-sk", "          purpose: direct marketing to others\n          roles: {controller: controller}", "          purpose: direct marketing to others\n          roles: {controller: subprocessor} # here", FaultRoles, "GDPR art. 28(4)", "processor it works for"},
	{"an authorisation that the law does not know", "laboss", "        authorisation: general", "        authorisation: tacit # here", FaultSubProcessing, "GDPR art. 28(2)", "general or prior_written"},
	{"a rule on transfers that the product does not know", "laboss", "        transfers: on_instruction", "        transfers: sometimes # here", FaultStorage, "GDPR art. 44", "never or on_instruction"},
	{"withdrawal that reaches back", "smernica-sk", "        retroactive: {value: false,", "        retroactive: {value: true,", FaultConsent, "GDPR art. 7(3), P03", "remove it"},
	{"reuse of no processing", "laboss", "          reuses: app", "          reuses: application # here", FaultRefers, Strict, "app"},
	{"an agreement with no party", "ekc", "    party: user-body\n    services: [residence]", "    party: user\n    services: [residence]", FaultRefers, Strict, "user-body"},
	{"an agreement over no service", "ekc", "    services: [residence]", "    services: [residences]", FaultRefers, Strict, "residence"},
	{"a day of the week that does not exist", "ekc", "        service: {days: [mon, tue, wed, thu, fri]", "        service: {days: [mon, tue, wed, thu, vie]", FaultHours, "K01", "mon"},
	{"no idle time for conversations", "law-eu", "        idle_other: 24h\n", "", FaultHours, "K04", "idle_other"},
	{"a line for everybody", "ekc", "class: other, label: callers from abroad}", "class: anyone, label: callers from abroad} # here", FaultLine, "K02", "name the class"},
	{"a line for no service", "ekc", "class: other, label: callers from abroad}", "class: other, service: nothing, label: callers from abroad} # here", FaultRefers, "K02", "use one of"},
	{"no class on an unknown line", "ekc", "        default: other", "        default: anyone # here", FaultLine, "K02", "fewest data"},
	{"a retention class over its own ceiling", "ekc", "        case: {period: 5y, floor: 1d, ceiling: 5y,", "        case: {period: 6y, floor: 1d, ceiling: 5y,", FaultRetention, "K13", "shorten it"},
	{"a retention floor over its ceiling", "ekc", "        case: {period: 5y, floor: 1d, ceiling: 5y,", "        case: {period: 5y, floor: 6y, ceiling: 5y,", FaultRetention, "A7", "floor must not exceed"},
	{"a retention class that is not defined", "law-eu", "        intake: {period: 30d, floor: 1d, ceiling: 30d}\n", "", FaultRefers, "A7", "define it"},
	{"anonymising without fields", "laboss", "            value: return_erase\n", "            value: anonymise\n", FaultAnonymisation, "K17", "anonymisation.modules"},
	{"nothing kept of an anonymised record", "ekc", "        keep: [record_number, record_time, closing_time, record_count, labour_cost]\n", "        keep: []\n", FaultAnonymisation, "K17", "list keep"},
	{"an art. 14 notice after a month", "smernica-sk", "        indirect: {value: 1m, ", "        indirect: {value: 40d, ", FaultAnswer, "GDPR art. 14(3)(a), P07", "set 1m"},
	{"an officer who decides and advises", "law-eu", "        advises: {value: [dpo],", "        advises: {value: [dpo, officer],", FaultDecider, "GDPR art. 38(6), A8", "the data protection officer advise"},
	{"a data protection officer who decides and nobody advises", "law-eu", "        decides: {value: [officer], clause: okence default, rules: [A8], note: Decisions are people's.}\n        advises: {value: [dpo],", "        decides: {value: [dpo], clause: okence default, rules: [A8], note: Decisions are people's.}\n        advises: {value: [officer],", FaultDecider, "GDPR art. 38(6), A8", "name officer"},
	{"a refusal with a text that is not there", "ekc", "{by: mdp, outcome: refused, reason: trail_not_erased}", "{by: mdp, outcome: refused, reason: trail_never_erased} # here", FaultRefers, "K23", "trail_not_erased"},
	{"routing with a text that is not there", "ekc", "          unclear: competence_unclear", "          unclear: unclear # here", FaultRefers, "K20", "competence_unclear"},
	{"audits in hours that are not there", "saopnet", "        hours: service\n        mandate", "        hours: services # here\n        mandate", FaultRefers, "S17", "service"},
	{"an incident notice to nobody", "ekc", "        service: [supervisor, user-body]", "        service: [supervisor, userbody] # here", FaultRefers, "K05", "user-body"},
	{"a first answer without a notice version", "ekc", "          version: \"2025-05-01\"\n", "", FaultText, "K25, P06", "requests.notices.version"},

	// Defects of sources that are not marked, and marks without a defect.
	{"two wordings of one value, unmarked", "saopnet", "          known_defect: {fault: contradiction, why: 12.1 promises what Table 2 denies, safe: the controller is told to keep backups of its own; 24 hours stay the provider's goal}\n", "", FaultContradiction, "A6, S07, S23", "mark it known_defect"},
	{"a wrong cross-reference, unmarked", "ekc", "          known_defect:\n            fault: reference\n            why: 7.12 has no subsections; the scope of rights stands in 7.11.2\n            safe: 7.11.2 is read\n", "", FaultReference, "A8", "mark it known_defect"},
	{"a repealed law, unmarked", "saopnet", "          known_defect: {fault: repealed, why: definitions and bases rest on ZVOP-1, safe: the definitions and bases of the GDPR and ZVOP-2 are read instead}\n", "", FaultRepealed, "A6", "law in force"},
	{"a mark on a value that has no fault", "smernica-sk", "means: \"2.1.2\", known_defect: {fault", "means: \"1.1.2\", known_defect: {fault", FaultMark, Strict, "remove the mark"},
	{"a mark whose written value would be lawful", "smernica-sk", "known_defect: {fault: answer-deadline, written: 30d,", "known_defect: {fault: answer-deadline, written: 28d,", FaultMark, Strict, "remove the mark"},
	{"a mark in place of a safe value", "ekc", "          within: 72h\n          each_own: true", "          within: {value: 96h, clause: ekc 7.14, rules: [K26], known_defect: {fault: authority-clock, why: x, safe: x}} # here\n          each_own: true", FaultAuthorityClock, "GDPR art. 33(1)", "under written"},
	{"a mark of another fault", "smernica-sk", "known_defect: {fault: answer-deadline, written: 30d,", "known_defect: {fault: extension, written: 30d,", FaultMark, Strict, "remove the mark"},
}

func TestEachBrokenPackIsRefusedWithLineRuleAndRemedy(t *testing.T) {
	for _, c := range broken {
		t.Run(c.name, func(t *testing.T) {
			data := breakPack(t, c.pack, c.old, c.new)
			_, _, err := Builtin().WithFile(c.pack+".yaml", data)
			found, ok := AsFindings(err)
			if !ok {
				t.Fatalf("loads: %v", err)
			}
			line := lineOf(string(data), "# here")
			for _, f := range found {
				if f.Fault != c.fault || !strings.Contains(f.Rule, c.rule) || !strings.Contains(f.Remedy, c.remedy) {
					continue
				}
				if f.File != c.pack+".yaml" && c.pack != "law-eu" && c.pack != "law-si" || f.Line < 2 || f.Text == "" {
					t.Errorf("finding without a place or text: %s", f)
				}
				if line > 0 && f.Line != line {
					continue
				}
				return
			}
			t.Errorf("want fault %s, rule %q, remedy %q, line %d; got:\n%v", c.fault, c.rule, c.remedy, line, err)
		})
	}
}

func breakPack(t *testing.T, pack, old, new string) []byte {
	t.Helper()
	data, err := os.ReadFile("packs/" + pack + ".yaml")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(data), old) == 0 {
		t.Fatalf("%s has no %q", pack, old)
	}
	return []byte(strings.Replace(string(data), old, new, 1))
}

func lineOf(text, mark string) int {
	before, _, ok := strings.Cut(text, mark)
	if !ok {
		return 0
	}
	return strings.Count(before, "\n") + 1
}
