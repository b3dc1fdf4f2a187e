using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using System.Xml.Linq;
using AhnSharp.Cli.Reports;
using Xunit;

namespace AhnSharp.Cli.Tests;

/// <summary>Pages of --report: whole without script and network, true to what the command printed, safe with names of strangers.</summary>
public sealed class ReportTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _text;

    public ReportTests()
    {
        _text = _folder.PathOf("night & day.txt");
        File.WriteAllText(_text, DemoText.Prose(60));
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Perplexity_in_every_memory_says_what_was_measured_on_what_and_what_it_means()
    {
        string path = _folder.PathOf("page.html");
        AhnProcess run = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "300", "--window", "60", "--sinks", "4", "--every", "100", "--report", path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains($"Reported: {path}", run.Errors, StringComparison.Ordinal);
        XElement body = Body(path);
        Assert.Equal("What ahn-demo-q8_0.gguf makes of night & day.txt", body.Element("h1")!.Value);
        string[][] rows = Rows(body, 0);
        Assert.Equal(
            ["full attention", "window alone", "window + memory"], rows.Select(row => row[0].Split(" (")[0].Split(',')[0]));
        // The perplexities of the page are those of the terminal.
        string[] printed = [.. run.Output.Split('\n').Where(line => line.StartsWith("perplexity ", StringComparison.Ordinal))];
        Assert.Equal(printed.Select(line => line.Split(' ')[1]), rows.Select(row => row[1]));
        Assert.Equal("–", rows[0][2]);
        Assert.All(rows.Skip(1), row => Assert.Matches("^[+−][0-9.]+ %$", row[2]));
        // 300 tokens: of the window 64 are held, the others dropped or compressed; no archive was there, and the page says so.
        Assert.Equal(["64", "none", "0"], rows[1][4..7]);
        Assert.Equal("0", rows[2][7]);
        Assert.Contains("No archive was in use", body.Value, StringComparison.Ordinal);
        Assert.Equal(["0–99", "100–199", "200–298"], Rows(body, 1).Select(row => row[0]));
        Dictionary<string, string> facts = Facts(body);
        Assert.Equal("night & day.txt, 299 predicted tokens", facts["text"]);
        Assert.Contains("ahn-demo-q8_0.gguf", facts["model"], StringComparison.Ordinal);
        Assert.Contains("kernels ", facts["processor"], StringComparison.Ordinal);
        Assert.StartsWith($"ahn perplexity -f '{_text}' --tokens 300 --window 60", facts["command"], StringComparison.Ordinal);
        Assert.Contains(
            "Over 299 tokens of night & day.txt, the perplexity of", body.Element("p")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_comparison_and_an_archive_are_named_on_the_page()
    {
        string path = _folder.PathOf("page.html");
        AhnProcess run = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "300", "--memory", "window", "--window", "60", "--sinks", "4", "--archive",
                "--against-memory", "full", "--report", path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        XElement body = Body(path);
        Assert.Contains("An archive was in use (int8)", body.Value, StringComparison.Ordinal);
        Assert.DoesNotContain("No archive was in use", body.Value, StringComparison.Ordinal);
        string[] whole = Rows(body, 0)[0];
        Assert.Equal("whole text", whole[0]);
        Assert.Contains($"mean {whole[1]} ±", run.Output, StringComparison.Ordinal);
        Assert.Contains($"{whole[5]} ±", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Recall_has_a_row_for_each_memory_and_the_share_of_guessing()
    {
        string path = _folder.PathOf("page.html");
        AhnProcess run = await AhnProcess.RunAsync(
            ["recall", "-f", Path.Combine(Fixture.Repository, "gguf", "dracula.txt"), "--length", "800", "--facts", "2", "--samples", "1",
                "--seed", "3", "--memory", "full", "--report", path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        XElement body = Body(path);
        string[] row = Assert.Single(Rows(body, 0));
        Assert.Equal(["800", "1", "8"], row[1..4]);
        Assert.Contains("Guessing gives 10 %.", body.Element("p")!.Value, StringComparison.Ordinal);
        Assert.Contains("dracula.txt", Facts(body)["text"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Benchmarks_have_a_row_for_each_task_and_memory()
    {
        using MadeUpFiles files = new();
        string path = _folder.PathOf("page.html");
        AhnProcess run = await AhnProcess.RunAsync(
            ["eval", files.Ruler(), files.InfiniteBench(), "--memory", "full,window", "--limit", "1", "--window", "40", "--sinks", "4",
                "--report", path, "--json"]);
        Assert.True(run.ExitCode == 0, run.Errors);
        XElement body = Body(path);
        string[][] rows = Rows(body, 0);
        Assert.Equal(4, rows.Length);
        Assert.All(rows, row => Assert.Contains(row[1], (string[])["full attention", "window alone"]));
        Assert.Contains("the mean of 2 tasks is", body.Element("p")!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_measurement_has_its_tables_its_limits_and_a_drawing_by_depth()
    {
        string path = _folder.PathOf("page.html");
        AhnProcess run = await AhnProcess.RunAsync(
            ["bench", "-p", "16", "-n", "4", "-d", "0,64", "-t", "1", "-r", "1", "--report", path]);
        Assert.True(run.ExitCode == 0, run.Errors);
        XElement body = Body(path);
        Assert.Equal("How fast ahn-demo-q8_0.gguf is here", body.Element("h1")!.Value);
        Assert.Matches(@"reads 16 tokens at [0-9.,]+ tokens/s and writes at [0-9.,]+ tokens/s, on ", body.Element("p")!.Value);
        string[][] rows = Rows(body, 0);
        Assert.Equal(["pp16", "tg4", "pp16 @ d64", "tg4 @ d64"], rows.Select(row => row[0]));
        // The speeds of the page are those of the terminal.
        Assert.All(rows, row => Assert.Matches($@"{row[0]} +{row[1]} ", run.Output));
        Assert.Contains("machine limits: reading", body.Value, StringComparison.Ordinal);
        Assert.Equal(2, body.Descendants("figure").Count());
        Assert.StartsWith("ahn bench -p 16 -n 4", Facts(body)["command"], StringComparison.Ordinal);

        AhnProcess flat = await AhnProcess.RunAsync(
            ["bench", "--flat", "-d", "2000", "--made-up", "--steps", "10", "--report", path, "--overwrite"]);
        Assert.True(flat.ExitCode == 0, flat.Errors);
        body = Body(path);
        Assert.Matches("^A token behind 2,000 tokens took [0-9.]+ times as long as one behind 512.$", body.Element("p")!.Value);
        Assert.Equal(["near", "far"], Rows(body, 0).Select(row => row[0]));
        Assert.Equal(2, (await AhnProcess.RunAsync(["bench", "--overwrite"])).ExitCode);
    }

    [Fact]
    public async Task A_model_and_a_session_have_their_pages()
    {
        string page = _folder.PathOf("model.html"), session = _folder.PathOf("night.ahn");
        AhnProcess model = await AhnProcess.RunAsync(["inspect", DemoText.ModelPath, "--report", page]);
        Assert.True(model.ExitCode == 0, model.Errors);
        XElement body = Body(page);
        string lead = body.Element("p")!.Value;
        Assert.Contains("A session takes 134.2 MB with full attention at 32,768 tokens", lead, StringComparison.Ordinal);
        Assert.Contains("Memory of a session by length of the text", body.Value, StringComparison.Ordinal);
        Assert.Equal("deltanet", Facts(body)["kind"]);

        AhnProcess read = await AhnProcess.RunAsync(
            ["read", _text, "-o", session, "--window", "64", "--sinks", "4", "--quiet"], timeoutSeconds: 300);
        Assert.True(read.ExitCode == 0, read.Errors);
        AhnProcess held = await AhnProcess.RunAsync(["inspect", session, "--report", _folder.PathOf("session.html"), "--json"]);
        Assert.True(held.ExitCode == 0, held.Errors);
        body = Body(_folder.PathOf("session.html"));
        string[][] rows = Rows(body, 0);
        Assert.Equal(4, rows.Length);
        Assert.True(rows[1][1] != "0" && rows[2][1] != "0", "expected archived and compressed tokens");
        Assert.Contains("comes from the archive. The memory keeps the gist", body.Value, StringComparison.Ordinal);
        Assert.Contains("How much the memory holds", body.Value, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_there_stays_and_two_outputs_need_two_names()
    {
        string path = _folder.PathOf("page.html");
        File.WriteAllText(path, "mine");
        string[] inspect = ["inspect", DemoText.ModelPath];
        (await AhnProcess.RunAsync([.. inspect, "--report", path])).AssertFailed(1, "--overwrite");
        Assert.Equal("mine", File.ReadAllText(path));
        AhnProcess replaced = await AhnProcess.RunAsync([.. inspect, "--report", path, "--overwrite"]);
        Assert.True(replaced.ExitCode == 0, replaced.Errors);
        Assert.NotNull(Body(path));
        (await AhnProcess.RunAsync([.. inspect, "--report", DemoText.ModelPath, "--overwrite"])).AssertFailed(1, "which is read");
        string both = _folder.PathOf("both");
        AhnProcess twice = await AhnProcess.RunAsync(
            ["perplexity", "-f", _text, "--tokens", "20", "--memory", "full", "--report", both, "--plot", both]);
        Assert.Equal((2, ""), (twice.ExitCode, twice.Output));
        Assert.Contains("--plot and --report both name", twice.Errors, StringComparison.Ordinal);
        Assert.False(File.Exists(both));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    [Fact]
    public void Text_of_strangers_is_text()
    {
        const string Name = "<script>alert(1)</script>&\"'\u001b[31m";
        HtmlReport page = new(Name, Name);
        page.Section(Name);
        page.Paragraph(Name);
        page.Facts([(Name, Name)], asCode: Name);
        page.Table([Name], [[Name]]);
        string html = Encoding.UTF8.GetString(page.ToBytes());
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', html);
        Assert.Contains("<h1>&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;\\u{1B}[31m</h1>", html, StringComparison.Ordinal);
        Assert.Contains("default-src 'none'", html, StringComparison.Ordinal);
    }

    // The body is XML too: what does not parse is a broken page. Nothing in it runs, nothing is fetched, and no two things have one name.
    private static XElement Body(string path)
    {
        string html = File.ReadAllText(path);
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        int start = html.IndexOf("<body>", StringComparison.Ordinal), end = html.IndexOf("</body>", StringComparison.Ordinal);
        XElement body = XElement.Parse(html[start..end] + "</body>");
        foreach (string active in (string[])["<script", "<link", "<img", "<iframe", "@import", "href="])
            Assert.DoesNotContain(active, html, StringComparison.OrdinalIgnoreCase);
        string[] names = [.. body.Descendants().Attributes("id").Select(id => id.Value)];
        Assert.Equal(names.Distinct().Count(), names.Length);
        Assert.All(body.Descendants().Attributes("clip-path"), clip => Assert.Contains(clip.Value[5..^1], names));
        // Each drawing has its wide form and that for a phone.
        XElement[] drawings = [.. body.Descendants().Where(element => element.Name.LocalName == "svg")];
        Assert.Equal(body.Descendants("figure").Count() * 2, drawings.Length);
        return body;
    }

    private static string[][] Rows(XElement body, int table) =>
    [
        .. body.Descendants("table").ElementAt(table).Elements("tr").Skip(1)
            .Select(row => row.Elements("td").Select(cell => cell.Value).ToArray()),
    ];

    private static Dictionary<string, string> Facts(XElement body)
    {
        Dictionary<string, string> facts = [];
        foreach (XElement label in body.Descendants("dt")) facts[label.Value] = label.ElementsAfterSelf("dd").First().Value;
        return facts;
    }
}
