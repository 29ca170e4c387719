using System.Net;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>
/// The body of an HTTP/2 answer, which must be as long as its Content-Length says (RFC 9113, section 8.1.1). SocketsHttpHandler checks this
/// for HTTP/1.1 only. Without a check, an empty body leaves a response that never started, and the server makes a bare 500 of it.
/// </summary>
internal sealed class LengthCheckedContent(HttpContent inner, long length) : HttpContent
{
    protected override async Task<Stream> CreateContentReadStreamAsync() => new Body(await inner.ReadAsStreamAsync(), length);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new Body(await inner.ReadAsStreamAsync(cancellationToken), length);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        using var body = await CreateContentReadStreamAsync();
        await body.CopyToAsync(stream);
    }

    // Nobody asks: the headers were copied from the content inside.
    protected override bool TryComputeLength(out long computed)
    {
        computed = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private sealed class Body(Stream inner, long remaining) : Stream
    {
        private long _remaining = remaining;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Check(buffer.Length, await inner.ReadAsync(buffer, cancellationToken));

        public override int Read(byte[] buffer, int offset, int count) => Check(count, inner.Read(buffer, offset, count));

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }

        // A read into an empty buffer only waits for bytes.
        private int Check(int asked, int read)
        {
            _remaining -= read;
            if (_remaining < 0)
            {
                throw new HttpIOException(HttpRequestError.InvalidResponse, "The answer is longer than its Content-Length.");
            }

            return read > 0 || asked == 0 || _remaining == 0
                ? read
                : throw new HttpIOException(HttpRequestError.ResponseEnded, "The answer is shorter than its Content-Length.");
        }
    }
}
