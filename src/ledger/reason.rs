//! Why a mail was refused, skipped or held: the stable codes that the interface translates.

/// Makes a closed enum with a stable code for each case, stored and sent as that code.
macro_rules! codes {
    ($(#[$doc:meta])* $name:ident { $($(#[$case_doc:meta])* $case:ident => $code:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub enum $name { $($(#[$case_doc])* $case,)+ }

        impl $name {
            /// Every case.
            pub const ALL: &'static [Self] = &[$(Self::$case,)+];

            /// The stable code.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$case => $code,)+ }
            }

            /// The case with this code.
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$case),)+ _ => None }
            }
        }

        impl TryFrom<String> for $name {
            type Error = String;
            fn try_from(code: String) -> Result<Self, String> {
                Self::parse(&code).ok_or_else(|| format!(concat!("not a ", stringify!($name), ": {}"), code))
            }
        }

        impl From<$name> for String {
            fn from(it: $name) -> Self { it.code().to_owned() }
        }
    };
}
pub(super) use codes;

codes! {
    /// Why a mail stays with its client, to be sent again later.
    RefusalReason {
        /// The Gmail intake is switched off.
        IngressDisabled => "ingress_disabled",
        /// Sending is switched off, or today is an absence day.
        SendingDisabled => "sending_disabled",
    }
}

codes! {
    /// Why a mail ended without a delivery.
    SkipReason {
        /// Its sender is not on the allow-list.
        SenderNotAllowed => "sender_not_allowed",
        /// It carries no provider link, and nothing else recognised it.
        NoLinks => "no_links",
        /// A recadrage mail outside the sending window.
        OutsideWindow => "outside_time_window",
        /// It contains an excluded keyword.
        ExcludedKeyword => "excluded_keyword",
        /// Its subject group was taken this month.
        SubjectGroup => "subject_group_repeat",
    }
}

codes! {
    /// Why a mail or a delivery waits.
    HoldReason {
        /// The sending window is closed.
        OutsideWindow => "outside_time_window",
        /// The stored window starts and ends at the same time, so it never opens.
        WindowNeverOpens => "window_never_opens",
        /// Today is an absence day.
        AbsenceDay => "absence_day",
        /// Sending is switched off.
        SendingDisabled => "sending_disabled",
        /// No rule matched and no default target is set.
        NoTarget => "no_target",
        /// A rule holds it for a person to look at.
        ByRule => "by_rule",
        /// Its target is disabled.
        TargetDisabled => "target_disabled",
        /// The hourly limit is used up.
        RateLimited => "rate_limited",
        /// Its target's URL is one that may not be called.
        TargetRefused => "target_refused",
        /// It was handed out again and again, and no worker came back with an outcome.
        GivenUp => "given_up",
        /// It does not read as it was written: a damaged file. It is looked at again each hour.
        StoreCorrupt => "store_corrupt",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_reads_back_and_stands_once() {
        for reason in HoldReason::ALL {
            assert_eq!(HoldReason::parse(reason.code()), Some(*reason));
        }
        for reason in SkipReason::ALL {
            assert_eq!(SkipReason::parse(reason.code()), Some(*reason));
        }
        for reason in RefusalReason::ALL {
            assert_eq!(RefusalReason::parse(reason.code()), Some(*reason));
        }
        assert_eq!(HoldReason::parse("nonsense"), None);
    }

    /// The guide's section under that heading, as the codes of its table.
    fn documented(heading: &str) -> Vec<&'static str> {
        let guide = include_str!("../../docs/architecture.md");
        let (_, rest) = guide.split_once(&format!("\n### {heading}\n")).unwrap();
        let section = rest.split("\n#").next().unwrap();
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
    }

    #[test]
    fn the_documentation_lists_every_code_and_no_other() {
        use crate::delivery::outcome::{FailureReason, SendError};
        use crate::ledger::{DeliveryState, MailState};
        fn codes<T: Copy>(all: &[T], code: fn(T) -> &'static str) -> Vec<&'static str> {
            all.iter().map(|it| code(*it)).collect()
        }
        assert_eq!(documented("Mail states"), codes(MailState::ALL, MailState::code));
        assert_eq!(documented("Delivery states"), codes(DeliveryState::ALL, DeliveryState::code));
        assert_eq!(documented("Why a mail is refused"), codes(RefusalReason::ALL, RefusalReason::code));
        assert_eq!(documented("Why a mail is skipped"), codes(SkipReason::ALL, SkipReason::code));
        assert_eq!(documented("Why a mail or a delivery is held"), codes(HoldReason::ALL, HoldReason::code));
        let attempts = [
            vec!["delivered", "target_gone"],
            codes(&SendError::ALL, SendError::code),
            codes(&FailureReason::ALL, FailureReason::code),
        ];
        assert_eq!(documented("What came of an attempt"), attempts.concat());
    }
}
