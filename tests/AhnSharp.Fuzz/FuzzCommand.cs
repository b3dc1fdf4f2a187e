using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace AhnSharp.Fuzz;

/// <summary>
/// The command: targets, for how long, from which seed; every find is kept as a file with what happened beside it. The parser runs in a
/// process of its own, which goes on behind an input that ends it.
/// </summary>
internal static class FuzzCommand
{
    public const string Worker = "worker";

    // Of one process that reads inputs: more is a find, as an OutOfMemoryException.
    private const long WorkerBytes = 1_500_000_000;

    public static int Run(string[] args)
    {
        (double seconds, int seed, string save, List<string> names) = (60, 1, Path.Combine("artifacts", "fuzz"), []);
        for (int i = 0; i < args.Length; i++)
        {
            string? value = i + 1 < args.Length ? args[i + 1] : null;
            switch (args[i])
            {
                case "--seconds" when double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out seconds):
                case "--seed" when int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out seed):
                    i++;
                    break;
                case "--save" when value is not null:
                    save = args[++i];
                    break;
                case "--target" when value == "all":
                    names.AddRange(Fuzzer.Targets.Select(static target => target.Name));
                    i++;
                    break;
                case "--target" when Fuzzer.Targets.Any(target => target.Name == value):
                    names.Add(args[++i]);
                    break;
                default:
                    return Usage(args[i]);
            }
        }
        if (names.Count == 0) return Usage("no target");
        Directory.CreateDirectory(save);
        int finds = Fuzzer.Targets.Where(target => names.Contains(target.Name)).Sum(target => Watch(target, seed, seconds, save));
        return finds > 0 ? 1 : 0;
    }

    /// <summary>In the process of the parser: worker TARGET SEED FIRST SECONDS FOLDER; a line per 1,000 inputs and per find.</summary>
    public static int Work(string[] args)
    {
        FuzzTarget target = Fuzzer.Targets.Single(one => one.Name == args[1]);
        (int seed, int first) = (Whole(args[2]), Whole(args[3]));
        (double seconds, string folder) = (double.Parse(args[4], CultureInfo.InvariantCulture), args[5]);
        using FileStream number = new(NumberPath(folder, target), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        HashSet<string> known = [];
        int finds = 0;
        FuzzCount count = Fuzzer.Run(target, seed, first, int.MaxValue, TimeSpan.FromSeconds(seconds), folder, WriteNumber, find =>
        {
            finds++;
            // One file per place; what is counted is all of them.
            if (known.Add(KindOf(find.What))) Keep(folder, target, find);
        });
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count.Inputs} {count.Refused} {finds} {count.MostBytes} "
            + $"{count.MostSeconds}"));
        // The thread of an input without end is a background one: it goes with the process.
        return count.Hung ? 3 : 0;

        void WriteNumber(int input)
        {
            number.Position = 0;
            number.Write(BitConverter.GetBytes(input));
        }
    }

    // Starts workers until the time is over: each begins behind the input that ended the one before.
    private static int Watch(FuzzTarget target, int seed, double seconds, string save)
    {
        long started = Stopwatch.GetTimestamp();
        (int first, long inputs, long refused, int finds, int deaths, long bytes, double most) = (0, 0, 0, 0, 0, long.MinValue, 0);
        while (Stopwatch.GetElapsedTime(started).TotalSeconds < seconds)
        {
            double left = seconds - Stopwatch.GetElapsedTime(started).TotalSeconds;
            using Process worker = Process.Start(ToStart(target, seed, first, left, save))!;
            string? told = null;
            StringBuilder errors = new();
            worker.OutputDataReceived += (_, line) => told = line.Data is null ? told : Told(line.Data, told);
            worker.ErrorDataReceived += (_, line) => errors.AppendLine(line.Data);
            worker.BeginOutputReadLine();
            worker.BeginErrorReadLine();
            worker.WaitForExit();
            // Empty where it had no time for a first one.
            byte[] number = File.Exists(NumberPath(save, target)) ? File.ReadAllBytes(NumberPath(save, target)) : [];
            int last = number.Length == sizeof(int) ? BitConverter.ToInt32(number) : first - 1;
            if (told?.Split(' ') is [var done, var no, var found, var beyond, var longest])
            {
                (inputs, refused, finds) = (inputs + Whole(done), refused + Whole(no), finds + Whole(found));
                bytes = Math.Max(bytes, long.Parse(beyond, CultureInfo.InvariantCulture));
                most = Math.Max(most, double.Parse(longest, CultureInfo.InvariantCulture));
            }
            else
            {
                string now = Fuzzer.NowPath(save, target), what = $"the process ended with {worker.ExitCode}";
                byte[] input = File.Exists(now) ? File.ReadAllBytes(now) : [];
                Keep(save, target, new FuzzFind(target.Name, seed, last, input, what, Beginning(errors.ToString())));
                (inputs, finds, deaths) = (inputs + last - first + 1, finds + 1, deaths + 1);
            }
            first = last + 1;
        }
        File.Delete(NumberPath(save, target));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{target.Name}: {inputs:N0} inputs from seed {seed}, "
            + $"{refused:N0} refused, {finds:N0} finds ({deaths:N0} ended the process); at most {most:F2} s, "
            + $"{target.BytesPerByte} × the input and {bytes:N0} bytes"));
        return finds;

        static string Told(string line, string? before)
        {
            if (!line.Contains(": ", StringComparison.Ordinal)) return line;
            Console.WriteLine(line);
            return before!;
        }
    }

    private static ProcessStartInfo ToStart(FuzzTarget target, int seed, int first, double seconds, string save)
    {
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "AhnSharp.Fuzz.dll"), Worker, target.Name,
            seed.ToString(CultureInfo.InvariantCulture), first.ToString(CultureInfo.InvariantCulture),
            seconds.ToString(CultureInfo.InvariantCulture), save,
        ];
        ProcessStartInfo start = new("dotnet", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_GCHeapHardLimit"] = WorkerBytes.ToString("X", CultureInfo.InvariantCulture);
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        return start;
    }

    private static void Keep(string folder, FuzzTarget target, FuzzFind find)
    {
        string path = Path.Combine(folder, $"{find.Target}-{find.Seed}-{find.Number}{target.Extension}");
        File.WriteAllBytes(path, find.Input);
        File.WriteAllText(path + ".find", $"{find.What}\n\n{find.Details}\n");
        Console.WriteLine($"{path}: {find.What}");
    }

    // The same exception at the same place, whatever numbers its sentence holds.
    private static string KindOf(string what)
    {
        string place = what.LastIndexOf(" at ", StringComparison.Ordinal) is var at and > 0 ? what[at..] : "";
        return string.Concat(what.TakeWhile(static c => c is not (':' or ' '))) + (place.Length > 0 ? place : what.Split(' ')[^1]);
    }

    private static string Beginning(string text) => text.Length > 4000 ? text[..4000] : text;

    private static string NumberPath(string folder, FuzzTarget target) => Path.Combine(folder, $"{target.Name}-now.number");

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static int Usage(string found)
    {
        string names = string.Join(", ", Fuzzer.Targets.Select(static target => target.Name));
        Console.Error.WriteLine($"expected --target NAME ({names} or all), "
            + $"--seconds N, --seed N, --save FOLDER; found {found}");
        return 2;
    }
}
