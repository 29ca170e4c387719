namespace Headroom.Routing.Connections;

/// <summary>What is known of the request that an HTTP/1.1 connection carries at the moment.</summary>
internal sealed class Http1Request(TcpAcknowledgements? acknowledgements)
{
    private ulong _written;
    private ulong _writtenBefore;
    private bool _reused;
    private bool _idempotent;
    private bool _singular;
    private bool _begun;
    private bool _continues;

    /// <summary>Whether nothing of the answer was handed over yet, except perhaps its first byte.</summary>
    internal bool IsUnanswered { get; private set; }

    /// <summary>Whether the first byte of the answer was handed over.</summary>
    internal bool HasFirstByte { get; private set; }

    /// <summary>Whether all of the request was handed to the connection. False if its head does not tell how long it is.</summary>
    internal bool IsWritten => Unwritten == 0;

    /// <summary>How many bytes of the request are still to be written; more than can ever be if its head does not tell.</summary>
    internal long Unwritten { get; private set; }

    /// <summary>
    /// Whether the connection is no longer watched: after 101 (Switching Protocols) it carries another protocol, and an answer whose beginning did not
    /// show its status may have been one.
    /// </summary>
    internal bool IsTransparent { get; private set; }

    /// <summary>
    /// Whether the request may be sent again after its connection was lost (RFC 9110, section 9.2.2). Only a
    /// connection that had served requests before counts: the upstream closed it because it was idle. A new one that breaks means trouble.
    /// </summary>
    internal bool MayBeRepeated => _reused && _idempotent && IsUnanswered && !HasFirstByte;

    /// <summary>Whether nothing of the request was sent before the write that was just noted.</summary>
    internal bool IsUnsent { get; private set; }

    /// <summary>Whether that is so of a request that must not be sent twice, on a connection used before.</summary>
    internal bool EndsUnsent => IsUnsent && _reused && _singular;

    /// <summary>Whether an end of stream (FIN) that was just read shows that the upstream received nothing of the request.</summary>
    internal bool EndsUnreceived => _reused && _singular && IsUnanswered && !HasFirstByte && acknowledgements?.EndAtOrBefore(_writtenBefore) == true;

    /// <summary>Notes a write; the first one after an answer begins a request.</summary>
    /// <param name="bytes">What is written.</param>
    /// <param name="isHeld">Whether what the request has before these bytes is held.</param>
    internal void Write(ReadOnlySpan<byte> bytes, bool isHeld)
    {
        IsUnsent = isHeld;
        if (!IsUnanswered)
        {
            // What follows an interim answer is the body of the same request, which the upstream knows of.
            _reused = _begun && !_continues;
            _begun = true;
            _writtenBefore = _written;
            _singular = !_continues && (bytes.StartsWith("POST "u8) || bytes.StartsWith("PATCH "u8));
            _idempotent = !_continues
                && (bytes.StartsWith("GET "u8) || bytes.StartsWith("HEAD "u8) || bytes.StartsWith("OPTIONS "u8)
                    || bytes.StartsWith("PUT "u8) || bytes.StartsWith("DELETE "u8));
            IsUnsent = !_continues;
            IsUnanswered = true;
            HasFirstByte = false;
            Unwritten = Http1Head.LengthOfRequest(bytes);
        }

        Unwritten -= bytes.Length;
        _written += (ulong)bytes.Length;
    }

    internal void HandFirstByte() => HasFirstByte = true;

    /// <summary>Notes that the answer is handed over.</summary>
    /// <param name="status">Its status; 0 if that is not known.</param>
    internal void HandMore(int status)
    {
        IsUnanswered = false;
        IsTransparent |= status is 0 or 101;
        _continues = status is >= 100 and < 200;
    }
}
