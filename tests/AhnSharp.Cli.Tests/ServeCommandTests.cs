using System;
using System.Diagnostics;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Text;
using System.Threading.Tasks;
using Xunit;

namespace AhnSharp.Cli.Tests;

public sealed class ServeCommandTests : IDisposable
{
    private const string Hello = "{\"model\":\"ahn-demo-q8_0\",\"max_tokens\":4,\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task It_listens_to_this_machine_answers_and_ends_when_asked()
    {
        string keys = _folder.PathOf("keys");
        await File.WriteAllTextAsync(keys, "# who may ask\na-secret-of-mine-16 mine answers=2 priority=1\n");
        (Process process, Uri address) = await StartAsync("--api-keys", keys);
        using (process)
        {
            Assert.True(IPAddress.IsLoopback(IPAddress.Parse(address.Host)));
            using HttpClient client = new() { BaseAddress = address };
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/health")).StatusCode);
            Assert.Equal(HttpStatusCode.Unauthorized, (await PostAsync(client)).StatusCode);
            client.DefaultRequestHeaders.Authorization = new("Bearer", "a-secret-of-mine-16");
            Assert.Equal(HttpStatusCode.OK, (await PostAsync(client)).StatusCode);
            Assert.StartsWith("<!doctype html>", await client.GetStringAsync("/"), StringComparison.Ordinal);
            Process.Start("kill", ["-TERM", $"{process.Id}"]).Dispose();
            Task<string> log = process.StandardOutput.ReadToEndAsync();
            long started = Environment.TickCount64;
            await process.WaitForExitAsync();
            Assert.InRange(Environment.TickCount64 - started, 0, 10_000);
            Assert.Equal(143, process.ExitCode);
            Assert.Contains("mine POST /v1/chat/completions 200", await log);
            Assert.DoesNotContain("a-secret-of-mine-16", await log);
        }
    }

    [Fact]
    public async Task A_port_that_is_taken_is_one_sentence()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(System.Globalization.CultureInfo.InvariantCulture);
        AhnProcess ahn = await AhnProcess.RunAsync(
            ["serve", "--host", "127.0.0.1", "--port", port, "--data", _folder.Path, "--load-later", "--model", DemoText.ModelPath]);
        ahn.AssertFailed(1, "--port", port, "taken");
    }

    [Theory]
    [InlineData(2, "--host", "--host", "example.org")]
    [InlineData(2, "--port", "--port", "70000")]
    [InlineData(2, "--models-dir", "--models-dir", "/nowhere/at/all")]
    [InlineData(2, "--api-keys", "--api-keys", "/nowhere/at/all")]
    [InlineData(2, "--alias", "--alias", "gpt-4o")]
    [InlineData(2, "--allow-origin", "--allow-origin", "example.org")]
    [InlineData(2, "belong together", "--tls-cert", "cert.pem")]
    [InlineData(2, "--keep-alive", "--keep-alive", "soon")]
    [InlineData(1, "nothing.gguf", "--model", "nothing.gguf")]
    public async Task A_wrong_option_is_one_sentence(int exitCode, string expected, params string[] options)
    {
        AhnProcess ahn = await AhnProcess.RunAsync(["serve", "--data", _folder.Path, .. options]);
        ahn.AssertFailed(exitCode, expected);
    }

    [Fact]
    public async Task A_model_that_is_cut_off_is_refused_before_it_is_served()
    {
        string cut = _folder.PathOf("cut.gguf");
        await File.WriteAllBytesAsync(cut, (await File.ReadAllBytesAsync(DemoText.ModelPath))[..100_000]);
        (await AhnProcess.RunAsync(["serve", "--data", _folder.Path, "--model", cut])).AssertFailed(1, "cut.gguf");
    }

    [Fact]
    public async Task A_key_that_is_no_secret_is_refused_with_its_line()
    {
        string keys = _folder.PathOf("keys");
        await File.WriteAllTextAsync(keys, "\nshort\n");
        (await AhnProcess.RunAsync(["serve", "--data", _folder.Path, "--api-keys", keys])).AssertFailed(2, "line 2", "16 characters");
    }

    private async Task<(Process Process, Uri Address)> StartAsync(params string[] options)
    {
        Process process = AhnProcess.Start(["serve", "--port", "0", "--data", _folder.PathOf("data"), .. options]);
        const string mark = "Listening on ";
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            int at = line.IndexOf(mark, StringComparison.Ordinal);
            if (at >= 0) return (process, new Uri(line[(at + mark.Length)..].Split(' ')[0]));
        }
        throw new InvalidOperationException(
            $"expected the server to listen, found the end: {await process.StandardOutput.ReadToEndAsync()}");
    }

    private static async Task<HttpResponseMessage> PostAsync(HttpClient client)
    {
        using StringContent body = new(Hello, Encoding.UTF8, "application/json");
        return await client.PostAsync("/v1/chat/completions", body);
    }
}
