using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Headroom.Routing.Connections;

/// <content>A read that waits for the upstream.</content>
internal sealed partial class Http1Stream
{
    /// <summary>
    /// Looks at what was read as soon as it is there, whether or not the handler waits for it yet. One serves all reads of a connection in turn, for less
    /// than an async method costs.
    /// </summary>
    private sealed class PendingRead : IValueTaskSource<int>
    {
        private readonly Http1Stream _stream;
        private readonly Action _end;
        private ManualResetValueTaskSourceCore<int> _source;
        private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter _read;
        private Memory<byte> _buffer;

        public PendingRead(Http1Stream stream)
        {
            _stream = stream;
            _end = End;
        }

        public ValueTask<int> Begin(ValueTask<int> read, Memory<byte> buffer)
        {
            var version = _source.Version;
            _buffer = buffer;
            _read = read.ConfigureAwait(false).GetAwaiter();
            _read.UnsafeOnCompleted(_end);
            return new(this, version);
        }

        public int GetResult(short token)
        {
            try
            {
                return _source.GetResult(token);
            }
            finally
            {
                _source.Reset();
                _stream._pending = this;
            }
        }

        public ValueTaskSourceStatus GetStatus(short token) => _source.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
            _source.OnCompleted(continuation, state, token, flags);

        [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "Whatever the stream throws belongs to whoever awaits this read.")]
        private void End()
        {
            int count;
            try
            {
                count = Receive();
            }
            catch (Exception e)
            {
                _source.SetException(e);
                return;
            }

            _source.SetResult(count);
        }

        private int Receive()
        {
            int count;
            try
            {
                count = _read.GetResult();
            }
            catch (Exception e) when (_stream.MayEnd(e))
            {
                return 0;
            }

            return _stream.Receive(_buffer.Span, count);
        }
    }
}
