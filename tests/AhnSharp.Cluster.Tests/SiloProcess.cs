using System;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Threading.Tasks;

namespace AhnSharp.Cluster.Tests;

/// <summary><c>ahn-cluster serve</c> as a process, with the demo model.</summary>
internal sealed class SiloProcess : IDisposable
{
    private readonly Process _process;
    private readonly TemporaryFolder _data;
    private readonly ConcurrentQueue<string> _log;

    private SiloProcess(Process process, TemporaryFolder data, ConcurrentQueue<string> log, Uri address) =>
        (_process, _data, _log, Client) = (process, data, log, new DocumentClient(address));

    public DocumentClient Client { get; }

    public string Log => string.Join('\n', _log);

    public static async Task<SiloProcess> StartAsync(string library, RedisServer redis)
    {
        TemporaryFolder data = new();
        string dll = Path.Combine(AppContext.BaseDirectory, "ahn-cluster.dll");
        string[] arguments =
        [
            "exec", dll, "serve", "--model", DemoText.ModelPath, "--port", "0", "--piece", "64", "--threads", "1", "--data", data.Path,
            "--library", library, "--cluster", string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis.Port}/test"),
        ];
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        start.Environment["DOTNET_TieredPGO"] = "0";
        Process process = Process.Start(start)!;
        ConcurrentQueue<string> log = [];
        TaskCompletionSource<Uri> listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
        DataReceivedEventHandler take = (_, line) =>
        {
            if (line.Data is not { } text) return;
            log.Enqueue(text);
            const string word = "Listening on ";
            int at = text.IndexOf(word, StringComparison.Ordinal);
            if (at >= 0) listening.TrySetResult(new Uri(text[(at + word.Length)..].Split(' ')[0]));
        };
        process.OutputDataReceived += take;
        process.ErrorDataReceived += take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _ = process.WaitForExitAsync().ContinueWith(
            _ => listening.TrySetException(new IOException($"ahn-cluster ended: {string.Join('\n', log)}")), TaskScheduler.Default);
        return new SiloProcess(process, data, log, await listening.Task.WaitAsync(TimeSpan.FromMinutes(2)));
    }

    /// <summary>Ends it as a machine ends that loses its power: kill -9.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        if (!_process.HasExited) Kill();
        _process.Dispose();
        Client.Dispose();
        _data.Dispose();
    }
}
