using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Headroom.Routing.AspNetCore.Tests.House;
using Headroom.Routing.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Headroom.Routing.AspNetCore.Tests.Readme;

/// <summary>A C# block of the README, or a sample, compiled as it stands and run as a program.</summary>
internal sealed class ReadmeProgram : IAsyncDisposable
{
    // What a project of Microsoft.NET.Sdk.Web has without saying so.
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Net.Http;
        global using System.Net.Http.Json;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using Microsoft.AspNetCore.Builder;
        global using Microsoft.AspNetCore.Hosting;
        global using Microsoft.AspNetCore.Http;
        global using Microsoft.AspNetCore.Routing;
        global using Microsoft.Extensions.Configuration;
        global using Microsoft.Extensions.DependencyInjection;
        global using Microsoft.Extensions.Hosting;
        global using Microsoft.Extensions.Logging;
        """;

    private static readonly ConcurrentDictionary<string, Lazy<Assembly>> Samples = new();

    [ThreadStatic]
    private static TaskCompletionSource<IHost>? _building;

    private readonly IHost _host;
    private readonly Task _run;

    static ReadmeProgram() => DiagnosticListener.AllListeners.Subscribe(new Observer<DiagnosticListener>(listener =>
    {
        if (listener.Name == "Microsoft.Extensions.Hosting")
        {
            listener.Subscribe(new Observer<KeyValuePair<string, object?>>(written =>
            {
                if (written is { Key: "HostBuilt", Value: IHost host })
                {
                    _building?.TrySetResult(host);
                }
            }));
        }
    }));

    private ReadmeProgram(IHost host, Task run, Uri address)
    {
        _host = host;
        _run = run;
        Address = address;
    }

    /// <summary>Where the program listens.</summary>
    public Uri Address { get; }

    /// <summary>Runs a program that ends by itself.</summary>
    public static Task RunToEndAsync(string code, params string[] args) => Start(Compile(code), args).Run.WaitAsync(Patience.Limit);

    /// <summary>Starts a program that is a host, and waits until it listens.</summary>
    public static Task<ReadmeProgram> StartHostAsync(string code, params string[] args) => StartHostAsync(Compile(code), args);

    /// <summary>Starts a sample that is a host, with its own settings, and waits until it listens.</summary>
    public static Task<ReadmeProgram> StartSampleAsync(string name, params string[] args)
    {
        var folder = Path.Combine(Repository.Root, "samples", name);
        var sample = Samples.GetOrAdd(folder, _ => new(() => Compile([.. Directory.GetFiles(folder, "*.cs").Select(File.ReadAllText)])));
        return StartHostAsync(sample.Value, [$"--contentRoot={folder}", .. args]);
    }

    public async ValueTask DisposeAsync()
    {
        _host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        await _run.WaitAsync(Patience.Limit);
    }

    private static async Task<ReadmeProgram> StartHostAsync(Assembly program, string[] args)
    {
        var (built, run) = Start(program, ["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None", .. args]);
        var first = await Task.WhenAny(built, run).WaitAsync(Patience.Limit);
        if (first == run)
        {
            await run;
            throw new AssertFailedException("The program ended without building a host.");
        }

        var host = await built;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStarted.Register(() => started.TrySetResult());
        await Task.WhenAny(started.Task, run).WaitAsync(Patience.Limit);
        var address = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new ReadmeProgram(host, run, new Uri(address));
    }

    private static (Task<IHost> Built, Task Run) Start(Assembly program, string[] args)
    {
        var main = program.EntryPoint!;
        var built = new TaskCompletionSource<IHost>(TaskCreationOptions.RunContinuationsAsynchronously);
        var run = Task.Factory.StartNew(
            () =>
            {
                _building = built;
                var result = main.Invoke(null, BindingFlags.DoNotWrapExceptions, null, main.GetParameters().Length == 0 ? [] : [args], null);
                _building = null;
                (result as Task)?.GetAwaiter().GetResult();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        return (built.Task, run);
    }

    private static Assembly Compile(params string[] files)
    {
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path));
        var compilation = CSharpCompilation.Create(
            $"Readme{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(ImplicitUsings), .. files.Select(file => CSharpSyntaxTree.ParseText(file))],
            references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var emitted = compilation.Emit(image);
        Assert.IsTrue(emitted.Success, string.Join(Environment.NewLine, emitted.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)));
        image.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(image);
    }

    private sealed class Observer<T>(Action<T> onNext) : IObserver<T>
    {
        public void OnCompleted()
        {
        }

        public void OnError(Exception error)
        {
        }

        public void OnNext(T value) => onNext(value);
    }
}
