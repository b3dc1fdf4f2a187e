using System;
using System.Diagnostics;
using System.IO;
using AhnSharp.Files;
using Xunit;

namespace AhnSharp.Tests.Files;

public sealed class OutputFileTests
{
    private static readonly byte[] s_gguf = [.. "GGUF"u8, 3, 0, 0, 0], s_session = [0x89, .. "AHN"u8, 0x0D, 0x0A, 0x1A, 0x0A, 1, 2];
    private static readonly byte[] s_safetensors = [.. BitConverter.GetBytes(32L), .. "{\"a\":{\"dtype\":\"F32\""u8];

    [Fact]
    public void What_exists_is_replaced_only_where_it_is_asked_for()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.svg");
        OutputFile.Check(path, OutputKind.Other);
        File.WriteAllText(path, "<svg/>");
        Assert.Contains(
            "--overwrite", Assert.Throws<IOException>(() => OutputFile.Check(path, OutputKind.Other)).Message, StringComparison.Ordinal);
        OutputFile.Check(path, OutputKind.Other, overwrite: true);
        using (PartialFile file = OutputFile.Create(path, OutputKind.Other, overwrite: true)) file.Write([1]);
        Assert.Equal([1], File.ReadAllBytes(path));
    }

    [Fact]
    public void A_model_gives_way_to_a_model_and_a_session_to_a_session_alone()
    {
        using TemporaryFolder folder = new();
        // Under whatever name: the content says what it is.
        string model = Write("notes.txt", s_gguf), session = Write("drawing.svg", s_session), weights = Write("numbers.bin", s_safetensors),
            other = Write("other.ahn", [1, 2, 3]);
        foreach (OutputKind kind in Enum.GetValues<OutputKind>())
        {
            Assert.Equal(kind == OutputKind.Model, MayReplace(model, kind));
            Assert.Equal(kind == OutputKind.Session, MayReplace(session, kind));
            Assert.False(MayReplace(weights, kind));
            Assert.Equal(kind != OutputKind.Session, MayReplace(other, kind));
        }
        Assert.Throws<IOException>(() => OutputFile.CheckContinued(model));
        Assert.Throws<IOException>(() => OutputFile.CheckContinued(session));
        OutputFile.CheckContinued(other);
        // A library's saving asks nobody: it replaces sessions and nothing else.
        foreach (string path in new[] { model, weights, other }) Assert.Throws<IOException>(() => OutputFile.CreateOverSession(path));
        OutputFile.CreateOverSession(session).Dispose();
        OutputFile.CreateOverSession(folder.PathOf("new.ahn")).Dispose();

        string Write(string name, byte[] bytes)
        {
            File.WriteAllBytes(folder.PathOf(name), bytes);
            return folder.PathOf(name);
        }

        static bool MayReplace(string path, OutputKind kind)
        {
            try
            {
                OutputFile.Check(path, kind, overwrite: true);
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    [UnixFact]
    public void An_input_is_known_by_each_of_its_names()
    {
        using TemporaryFolder folder = new();
        string input = folder.PathOf("in.gguf"), hard = folder.PathOf("hard.gguf"), soft = folder.PathOf("soft.gguf"),
            twice = folder.PathOf("twice.gguf"), inner = folder.PathOf("inner");
        File.WriteAllBytes(input, s_gguf);
        Run("ln", input, hard);
        File.CreateSymbolicLink(soft, "in.gguf");
        File.CreateSymbolicLink(twice, soft);
        Directory.CreateSymbolicLink(inner, folder.Path);
        string relative = Path.GetRelativePath(Environment.CurrentDirectory, input);
        string[] names = [input, hard, soft, twice, relative, Path.Combine(inner, "in.gguf"), Path.Combine(inner, "inner", "soft.gguf")];
        foreach (string output in names)
        {
            foreach (string read in names)
            {
                string message = Assert.Throws<IOException>(
                    () => OutputFile.Check(output, OutputKind.Model, overwrite: true, null, folder.PathOf("missing"), read)).Message;
                Assert.Contains("expected another file to write", message, StringComparison.Ordinal);
            }
        }
        string copy = folder.PathOf("copy.gguf");
        Run("cp", "-a", input, copy);
        OutputFile.Check(copy, OutputKind.Model, overwrite: true, input);
    }

    [UnixFact]
    public void What_stands_in_a_folder_that_is_read_stays()
    {
        using TemporaryFolder folder = new();
        string source = folder.PathOf("source"), elsewhere = folder.PathOf("elsewhere"), named = folder.PathOf("named");
        Directory.CreateDirectory(Path.Combine(source, "deep"));
        Directory.CreateDirectory(elsewhere);
        Directory.CreateSymbolicLink(named, source);
        string text = Path.Combine(source, "deep", "a.txt"), outside = Path.Combine(elsewhere, "b.txt"),
            linked = Path.Combine(source, "linked.txt"), hard = Path.Combine(elsewhere, "c.txt");
        File.WriteAllText(text, "text");
        File.WriteAllText(outside, "text");
        File.CreateSymbolicLink(linked, outside);
        Run("ln", text, hard);
        foreach (string output in new[] { text, linked, outside, hard, Path.Combine(named, "deep", "a.txt") })
        {
            foreach (string read in new[] { source, named, source + "/" })
                Assert.Throws<IOException>(() => OutputFile.Check(output, OutputKind.Session, overwrite: true, read));
        }
        // What an earlier run made there is of the kind that is written, and no reader of the folder takes it.
        string session = Path.Combine(source, "book.ahn"), model = Path.Combine(source, "model.gguf");
        File.WriteAllBytes(session, s_session);
        File.WriteAllBytes(model, s_gguf);
        OutputFile.Check(session, OutputKind.Session, overwrite: true, source);
        OutputFile.Check(model, OutputKind.Model, overwrite: true, source);
        OutputFile.Check(Path.Combine(source, "new.ahn"), OutputKind.Session, overwrite: false, source);
    }

    [UnixFact]
    public void Pipes_and_devices_are_no_files_to_write()
    {
        using TemporaryFolder folder = new();
        string pipe = folder.PathOf("pipe");
        Run("mkfifo", pipe);
        Assert.Contains(
            "a pipe or a device", Assert.Throws<IOException>(() => OutputFile.Check(pipe, OutputKind.Other, overwrite: true)).Message,
            StringComparison.Ordinal);
        Assert.Throws<IOException>(() => new PartialFile(pipe));
        Assert.Throws<IOException>(() => new PartialFile("/dev/null"));
        Assert.Throws<IOException>(() => RegularFile.ReadAllBytes(pipe));
        Assert.True(File.Exists("/dev/null") && FileIdentity.Of("/dev/null") is { IsRegular: false });
    }

    [Fact]
    public void What_appears_meanwhile_stays_and_the_work_is_kept_beside_it()
    {
        using TemporaryFolder folder = new();
        string path = folder.PathOf("a.ahn");
        using PartialFile file = OutputFile.Create(path, OutputKind.Session);
        file.Stream.Write([1, 2]);
        File.WriteAllBytes(path, [9]);
        File.WriteAllBytes(path + ".2", [8]);
        Assert.Contains("a.ahn.3", Assert.Throws<IOException>(file.Commit).Message, StringComparison.Ordinal);
        Assert.Equal([9], File.ReadAllBytes(path));
        Assert.Equal([8], File.ReadAllBytes(path + ".2"));
        Assert.Equal([1, 2], File.ReadAllBytes(path + ".3"));
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void A_session_is_saved_over_sessions_and_over_nothing_else()
    {
        using TemporaryFolder folder = new();
        using DemoText demo = new();
        using AhnSharp.TextSession session = demo.Model.CreateSession();
        string path = folder.PathOf("a.ahn"), text = folder.PathOf("a.txt");
        session.Save(path);
        session.Save(path);
        File.WriteAllText(text, "words");
        Assert.Throws<IOException>(() => session.Save(text));
        Assert.Equal("words", File.ReadAllText(text));
    }

    private static void Run(string command, params string[] arguments)
    {
        using Process process = Process.Start(command, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
