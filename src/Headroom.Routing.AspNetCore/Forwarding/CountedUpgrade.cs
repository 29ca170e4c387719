using Headroom.Routing.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headroom.Routing.AspNetCore.Forwarding;

/// <summary>Counts what moves through a WebSocket. What the client sends is the request's, what the upstream sends is the answer's.</summary>
internal sealed class CountedUpgrade : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    private readonly IHttpUpgradeFeature? _upgrade;
    private readonly IHttpExtendedConnectFeature? _connect;
    private readonly Transfer _transfer;

    private CountedUpgrade(IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect, Transfer transfer)
    {
        _upgrade = upgrade;
        _connect = connect;
        _transfer = transfer;
    }

    public bool IsUpgradableRequest => _upgrade?.IsUpgradableRequest == true;

    public bool IsExtendedConnect => _connect?.IsExtendedConnect == true;

    public string? Protocol => _connect?.Protocol;

    /// <summary>Puts itself in front of the server's own features.</summary>
    internal static void Put(HttpContext context, Transfer transfer)
    {
        var counted = new CountedUpgrade(context.Features.Get<IHttpUpgradeFeature>(), context.Features.Get<IHttpExtendedConnectFeature>(), transfer);
        context.Features.Set<IHttpUpgradeFeature>(counted);
        context.Features.Set<IHttpExtendedConnectFeature>(counted);
    }

    public async Task<Stream> UpgradeAsync() => new CountedStream(await _upgrade!.UpgradeAsync(), _transfer);

    public async ValueTask<Stream> AcceptAsync() => new CountedStream(await _connect!.AcceptAsync(), _transfer);

    private sealed class CountedStream(Stream client, Transfer transfer) : DuplexStream
    {
        public override int Read(Span<byte> buffer)
        {
            var count = client.Read(buffer);
            transfer.Sent(count);
            return count;
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await client.ReadAsync(buffer, cancellationToken);
            transfer.Sent(count);
            return count;
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            client.Write(buffer);
            transfer.Received(buffer.Length);
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await client.WriteAsync(buffer, cancellationToken);
            transfer.Received(buffer.Length);
        }

        public override void Flush() => client.Flush();

        public override Task FlushAsync(CancellationToken cancellationToken) => client.FlushAsync(cancellationToken);

        public override async ValueTask DisposeAsync()
        {
            await client.DisposeAsync();
            await base.DisposeAsync();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                client.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
