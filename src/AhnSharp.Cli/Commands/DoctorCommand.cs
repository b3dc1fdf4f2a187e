using System.CommandLine;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Options;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn doctor</c>: what this program found of the machine; what belongs into a bug report.</summary>
internal static class DoctorCommand
{
    private static readonly Option<bool> NoMeasure = Choice.Switch("--no-measure", "Leaves out the two seconds of measuring.");
    private static readonly Option<bool> Json = JsonOption.Create();

    public static Command Create()
    {
        Command command = new(
            "doctor", "Says what was found of this machine, and how fast it reads and multiplies: for bug reports.") { NoMeasure, Json };
        command.SetAction(parsed =>
        {
            DoctorReport report = DoctorReport.Of(!parsed.GetValue(NoMeasure));
            if (parsed.GetValue(Json)) Terminal.PrintJson(json => DoctorJson.Write(json, report));
            else DoctorText.Print(report);
            return AhnCommand.Done;
        });
        return command;
    }
}
