"""The house as passkeys know it (a "relying party", WebAuthn Level 3): its domain, its origins, what it asks of an
authenticator, and whether an answer is true. The library is loaded at the first passkey (a third of a second)."""

import ipaddress
from typing import TYPE_CHECKING, Any

import msgspec

from teahouse.config import Settings
from teahouse.errors import Refusal
from teahouse.people.model import Person

if TYPE_CHECKING:
    from webauthn.helpers.structs import PublicKeyCredentialCreationOptions, PublicKeyCredentialRequestOptions

CREDENTIAL_BYTES_MAX = 1023
"""WebAuthn Level 3, section 4, "Credential ID"."""


class PasskeyRefused(Refusal):
    """The answer does not fit the challenge, the house's address or the key; or the ceremony took too long."""

    code = "passkey_refused"
    title = "This passkey was not accepted"


class Key(msgspec.Struct, frozen=True):
    """A new passkey: its credential id and its public key (COSE)."""

    credential: bytes
    public_key: bytes
    sign_count: int


class RelyingParty:
    def __init__(self, settings: Settings) -> None:
        host = settings.public_host
        self.id = "localhost" if _is_loopback(host) else host
        self.origins = [settings.public_url]
        if self.id == "localhost":
            # A passkey is bound to a name, never to a number: on one's own machine that is `localhost`.
            self.origins.append(f"http://localhost:{settings.address[1]}")

    def creation_options(self, house: str, person: Person, known: list[bytes]) -> tuple[bytes, dict[str, Any]]:
        """Return the challenge, and the options for `navigator.credentials.create`."""
        from webauthn import generate_registration_options  # noqa: PLC0415
        from webauthn.helpers.structs import (  # noqa: PLC0415
            AuthenticatorSelectionCriteria,
            PublicKeyCredentialDescriptor,
            ResidentKeyRequirement,
            UserVerificationRequirement,
        )

        options = generate_registration_options(
            rp_id=self.id,
            rp_name=house,
            user_id=person.id.encode(),
            user_name=person.handle,
            user_display_name=person.name,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
            # Discoverable, so that one signs in without typing a handle.
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.PREFERRED,
            ),
        )
        return options.challenge, _as_json(options)

    def request_options(self, of: list[bytes] | None = None) -> tuple[bytes, dict[str, Any]]:
        """Return the challenge, and the options for `navigator.credentials.get`. `of`: only these credentials, and the
        authenticator makes sure who uses it (its user's PIN, finger or face)."""
        from webauthn import generate_authentication_options  # noqa: PLC0415
        from webauthn.helpers.structs import PublicKeyCredentialDescriptor, UserVerificationRequirement  # noqa: PLC0415

        if of is None:
            options = generate_authentication_options(rp_id=self.id)
        else:
            options = generate_authentication_options(
                rp_id=self.id,
                allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in of],
                user_verification=UserVerificationRequirement.REQUIRED,
            )
        return options.challenge, _as_json(options)

    def credential_id(self, credential: dict[str, Any]) -> bytes:
        """Return the id that an answer claims. Raises `PasskeyRefused`."""
        from webauthn.helpers import base64url_to_bytes  # noqa: PLC0415

        try:
            return base64url_to_bytes(credential["rawId"])
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise PasskeyRefused("It names no credential.") from error

    def verify_creation(self, credential: dict[str, Any], challenge: bytes) -> Key:
        """Raises `PasskeyRefused`."""
        from webauthn import verify_registration_response  # noqa: PLC0415

        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origins,
            )
        # The parser raises whatever hostile CBOR makes it raise; to the person it is the same: not accepted.
        except Exception as error:
            raise PasskeyRefused(str(error)) from error
        if len(made.credential_id) > CREDENTIAL_BYTES_MAX:
            raise PasskeyRefused("Its credential id is too long.")
        return Key(made.credential_id, made.credential_public_key, made.sign_count)

    def verify_assertion(
        self,
        credential: dict[str, Any],
        challenge: bytes,
        *,
        person: str,
        public_key: bytes,
        sign_count: int,
        user_verified: bool = False,
    ) -> int:
        """Return the authenticator's new signature count. Raises `PasskeyRefused`, also when the count went back (the
        key was copied), or when it did not make sure who uses it and `user_verified` asks for that."""
        from webauthn import verify_authentication_response  # noqa: PLC0415
        from webauthn.helpers import bytes_to_base64url, parse_authentication_credential_json  # noqa: PLC0415

        try:
            parsed = parse_authentication_credential_json(credential)
            handle = parsed.response.user_handle
            if handle and bytes(handle) != person.encode():
                raise PasskeyRefused("It belongs to somebody else.")
            if bytes_to_base64url(parsed.raw_id) != parsed.id:
                raise PasskeyRefused("It names two credentials.")
            return verify_authentication_response(
                credential=parsed,
                expected_challenge=challenge,
                expected_rp_id=self.id,
                expected_origin=self.origins,
                credential_public_key=public_key,
                credential_current_sign_count=sign_count,
                require_user_verification=user_verified,
            ).new_sign_count
        except PasskeyRefused:
            raise
        # As above.
        except Exception as error:
            raise PasskeyRefused(str(error)) from error


def _as_json(options: "PublicKeyCredentialCreationOptions | PublicKeyCredentialRequestOptions") -> dict[str, Any]:
    from webauthn.helpers import options_to_json_dict  # noqa: PLC0415

    return dict(options_to_json_dict(options))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
