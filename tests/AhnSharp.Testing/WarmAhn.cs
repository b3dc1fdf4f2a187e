using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Testing;

/// <summary>
/// A process of the command that runs one line after another: what a process of its own computes for most lines of the tests is the
/// compiling of the command itself: 0.35 s of a core for a line that is refused, 1 s for one that loads a model.
/// </summary>
/// <remarks>
/// It is <c>dotnet exec ahn.dll</c> as everywhere, with a hook before its start (StartupHook in the tests of the command) that takes
/// lines from standard input and calls the program's own entry for each. Its standard output and error are the pipes of
/// <see cref="AhnProcess"/>, whose bytes end with a mark that the request named; standard input is a new pipe for each line. There are as
/// many as tests run at a time, and they end with the tests. On Windows, which hands no pipes over so, there are none.
/// </remarks>
internal sealed class WarmAhn : IDisposable
{
    /// <summary>The length of what ends the output of a line: random, so that no line says it.</summary>
    public const int MarkBytes = 16;

    private const string Hook = "AhnSharp.Cli.Tests.dll";

    // What the runtime, a library or the engine reads once, when a process first asks, and what says where the console is.
    private static readonly string[] s_readOnce = ["AHN_ISA", "TERM", "COLUMNS", "LINES", "NO_COLOR", "LANG", "TMPDIR"];
    private static readonly string[] s_readOnceBeginnings = ["DOTNET_", "CLR_", "SSL_", "LC_"];
    private static readonly ConcurrentBag<WarmAhn> s_idle = [];
    private readonly Process _process;
    private readonly BinaryWriter _requests;

    private WarmAhn()
    {
        _process = AhnProcess.Start([], new Dictionary<string, string?>
        {
            ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, Hook),
        });
        _requests = new BinaryWriter(_process.StandardInput.BaseStream, Encoding.UTF8);
    }

    public int Id => _process.Id;

    /// <summary>Whether a run with these variables besides ours says what a process of its own would say.</summary>
    public static bool Fits(IReadOnlyDictionary<string, string?>? environment) => !OperatingSystem.IsWindows()
        && (environment ?? new Dictionary<string, string?>()).All(one => !IsReadOnce(one.Key)
            || Environment.GetEnvironmentVariable(one.Key) == one.Value);

    /// <summary>One that runs nothing; give it back when the line has ended.</summary>
    public static WarmAhn Take() => s_idle.TryTake(out WarmAhn? idle) ? idle : new WarmAhn();

    public static void GiveBack(WarmAhn warm) => s_idle.Add(warm);

    /// <summary>Runs a line. Where it does not end in time, or takes its process with it, the test fails.</summary>
    public async Task<AhnProcess> RunAsync(
        string[] arguments, string? input, int timeoutSeconds, IReadOnlyDictionary<string, string?>? environment)
    {
        byte[] mark = Guid.NewGuid().ToByteArray();
        Task<byte[]?> output = ReadAsync(_process.StandardOutput.BaseStream, mark, sizeof(int));
        Task<byte[]?> errors = ReadAsync(_process.StandardError.BaseStream, mark, 0);
        byte[]? said = null, complained = null;
        try
        {
            Ask(mark, arguments, input ?? "", environment ?? new Dictionary<string, string?>());
            TimeSpan limit = TimeSpan.FromSeconds(timeoutSeconds);
            (said, complained) = (await output.WaitAsync(limit), await errors.WaitAsync(limit));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"ahn {string.Join(' ', arguments)} did not end in {timeoutSeconds} s.");
        }
        finally
        {
            if (said is null || complained is null) Dispose();
        }
        if (said is null || complained is null) Assert.Fail($"ahn {string.Join(' ', arguments)} took its process with it.");
        int end = said.Length - sizeof(int);
        return new AhnProcess(
            BitConverter.ToInt32(said.AsSpan(end)), Encoding.UTF8.GetString(said.AsSpan(0, end - MarkBytes)),
            Encoding.UTF8.GetString(complained.AsSpan(0, complained.Length - MarkBytes)));
    }

    /// <summary>Ends the process, whatever it does.</summary>
    public void Dispose()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended.
        }
        _requests.Dispose();
        _process.Dispose();
    }

    private static bool IsReadOnce(string name) => s_readOnce.Contains(name)
        || s_readOnceBeginnings.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal))
        || name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase);

    private void Ask(byte[] mark, string[] arguments, string input, IReadOnlyDictionary<string, string?> environment)
    {
        _requests.Write(mark);
        _requests.Write(arguments.Length);
        foreach (string argument in arguments) _requests.Write(argument);
        _requests.Write(environment.Count);
        foreach ((string name, string? value) in environment)
        {
            _requests.Write(name);
            _requests.Write(value is not null);
            _requests.Write(value ?? "");
        }
        _requests.Write(input);
        _requests.Flush();
    }

    // All up to the mark, the mark and what is behind it; null where the process ended before.
    private static async Task<byte[]?> ReadAsync(Stream stream, byte[] mark, int bytesBehind)
    {
        using MemoryStream all = new();
        byte[] buffer = new byte[1 << 16];
        for (int count; (count = await stream.ReadAsync(buffer)) > 0;)
        {
            all.Write(buffer.AsSpan(0, count));
            int end = (int)all.Length - bytesBehind;
            if (end >= mark.Length && all.GetBuffer().AsSpan(end - mark.Length, mark.Length).SequenceEqual(mark)) return all.ToArray();
        }
        return null;
    }
}
