// Who asks, for nginx (njs): read off the token, which only ingest checks. So nothing that is said here may let anybody in, or keep another
// out: a token with somebody's name can be made up by anybody.

const TOKEN_BYTES_MAX = 4096;
const SUBJECT_BYTES_MAX = 64;
const SIGNATURE = /^[A-Za-z0-9_-]{43}$/; // of HS256

// {subject, signature}; nothing where ingest would refuse the token for its form.
function claimed(r) {
    const header = r.headersIn.Authorization || '';
    const parts = /^bearer +([^. ]+)\.([^. ]+)\.([^. ]+) *$/i.exec(header);
    if (!parts || header.length > TOKEN_BYTES_MAX || !SIGNATURE.test(parts[3])) {
        return null;
    }
    try {
        const subject = JSON.parse(Buffer.from(parts[2], 'base64url').toString()).sub;
        const bytes = typeof subject === 'string' ? Buffer.from(subject).length : 0;
        return bytes > 0 && bytes <= SUBJECT_BYTES_MAX ? {subject: subject, signature: parts[3]} : null;
    } catch (e) {
        return null;
    }
}

// Where the buyer sits: requests with equal seats go to the same ingest. Whoever has no token sits anywhere.
function seat(r) {
    const who = claimed(r);
    return who ? who.subject : r.variables.request_id;
}

// Whose requests are counted together: the subject's with this signature. Whoever makes up a token with another's name gets a count of
// their own, and uses up nobody's.
function token(r) {
    const who = claimed(r);
    return who ? who.subject + ':' + who.signature : '';
}

export default {seat, token};
