//! Where a mail and a delivery stand.

use super::reason::codes;

codes! {
    /// Where a mail stands. Every mail ends in one of the ended states, with a reason on record.
    MailState {
        /// Taken, waiting to be processed.
        Queued => "queued",
        /// Processed; its deliveries are under way.
        Delivering => "delivering",
        /// A delivery failed and will be tried again.
        Retrying => "retrying",
        /// It waits for a condition that its reason names.
        Held => "held",
        /// Ended: every delivery was taken by its receiver.
        Delivered => "delivered",
        /// Ended: a delivery failed for good. A dead letter, replayable.
        Failed => "failed",
        /// Ended: nothing was to be sent.
        Skipped => "skipped",
        /// Ended: its failed deliveries were closed by a person.
        Dismissed => "dismissed",
    }
}

codes! {
    /// Where a delivery stands.
    DeliveryState {
        /// Due, or being sent.
        Queued => "queued",
        /// Failed, to be tried again.
        Retrying => "retrying",
        /// It waits for a condition that its reason names.
        Held => "held",
        /// Ended: taken by its receiver.
        Delivered => "delivered",
        /// Ended: failed for good. A dead letter, replayable.
        Failed => "failed",
        /// Ended: closed by a person.
        Dismissed => "dismissed",
    }
}

impl MailState {
    /// Whether nothing more will happen to the mail by itself.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Skipped | Self::Dismissed)
    }

    /// The state of a mail whose deliveries stand as given. A mail is as far as its slowest delivery.
    pub fn of_deliveries(states: &[DeliveryState]) -> Self {
        let any = |state| states.contains(&state);
        if any(DeliveryState::Retrying) {
            Self::Retrying
        } else if any(DeliveryState::Queued) {
            Self::Delivering
        } else if any(DeliveryState::Held) {
            Self::Held
        } else if any(DeliveryState::Failed) {
            Self::Failed
        } else if any(DeliveryState::Delivered) {
            Self::Delivered
        } else {
            Self::Dismissed
        }
    }
}

impl DeliveryState {
    /// Whether nothing more will happen to the delivery by itself.
    pub const fn ended(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Dismissed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use DeliveryState as D;

    #[test]
    fn a_mail_is_as_far_as_its_slowest_delivery() {
        let table = [
            (vec![D::Delivered, D::Queued], MailState::Delivering),
            (vec![D::Delivered, D::Retrying, D::Queued], MailState::Retrying),
            (vec![D::Delivered, D::Held], MailState::Held),
            (vec![D::Delivered, D::Failed], MailState::Failed),
            (vec![D::Delivered, D::Dismissed], MailState::Delivered),
            (vec![D::Dismissed], MailState::Dismissed),
        ];
        for (states, mail) in table {
            assert_eq!(MailState::of_deliveries(&states), mail, "{states:?}");
        }
    }
}
