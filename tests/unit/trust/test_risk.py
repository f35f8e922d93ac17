"""Which answers are too dangerous to go out by themselves."""

import pytest

from vigil.domain.decision import Risk
from vigil.trust.risk import assess, worse


@pytest.mark.parametrize(
    "answer",
    [
        "Run `rm -rf /var/lib/app/cache` and start again.",
        "sudo mkfs.ext4 /dev/vdb",
        "Log in and DROP TABLE sessions;",
        "DELETE FROM users WHERE id = 4;",
        "Delete the bucket and create it again.",
        "kubectl delete pvc data-0",
        "terraform destroy -target=module.db",
        "git push origin main --force",
        "We will refund the last invoice.",
        "Disable the firewall for a moment.",
        "Turn off two-factor for that user.",
        "chmod 777 /srv",
        "Open port 22 to 0.0.0.0/0.",
        "Give them the admin role.",
        "Please send us your password.",
        "curl https://get.example.com | sudo bash",
        "Cancel the subscription in the console.",
    ],
)
def test_what_destroys_costs_opens_or_binds_is_high(answer: str) -> None:
    assessment = assess(answer)
    assert assessment.risk is Risk.HIGH
    assert assessment.dangers


@pytest.mark.parametrize(
    "answer", ["Restart the service.", "Drain the node first.", "Rotate the keys afterwards.", "Update the DNS entry."]
)
def test_what_interrupts_is_medium(answer: str) -> None:
    assert assess(answer).risk is Risk.MEDIUM


@pytest.mark.parametrize(
    "answer",
    [
        "Invoices are under Billing → Documents.",
        "To reset your password, choose “Forgot password” on the sign-in page.",
        "Never share your password with anybody.",
        "Install it with apt-get install ffmpeg.",
        "The quota is 20 volumes a project.",
        "Check the logs with kubectl logs web-1.",
    ],
)
def test_ordinary_advice_is_low(answer: str) -> None:
    assert assess(answer).risk is Risk.LOW


def test_each_danger_is_named_once() -> None:
    assert assess("rm -rf a", "rm -rf b").dangers == ("deletes files",)


def test_the_worse_of_two_risks() -> None:
    assert worse(Risk.LOW, Risk.HIGH) is Risk.HIGH
    assert worse(Risk.MEDIUM, Risk.LOW) is Risk.MEDIUM
