using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Text.Json;
using AhnSharp.Cli.Display;
using AhnSharp.Cli.Gpu;
using AhnSharp.Cli.Options;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Commands;

/// <summary><c>ahn devices</c>: the GPUs of this machine, and whether a model fits on each.</summary>
internal sealed class DevicesCommand
{
    private readonly ModelOptionGroup _model = new();
    private readonly Option<bool> _json = JsonOption.Create();

    private DevicesCommand()
    {
    }

    internal static Command Create()
    {
        DevicesCommand devices = new();
        Command command = new("devices", "Lists the GPUs of this machine with memory and driver, and says on which of them a model fits.");
        foreach (Option option in new Option[]
        {
            devices._model.Model, devices._model.Ahn, devices._model.Memory, devices._model.Window, devices._model.Sinks,
            devices._model.Context, devices._model.Kv,
        })
            command.Add(option);
        command.Add(devices._json);
        command.SetAction(devices.Run);
        return command;
    }

    private int Run(ParseResult parsed)
    {
        IReadOnlyList<GpuFacts> devices = GpuSupport.Find();
        ModelPlan plan = ModelPlan.Read(_model.ModelPath(parsed), _model.AhnPath(parsed), GpuSupport.OptionsFor(
            devices.Count > 0 ? devices[0].Id : DeviceChoice.Processor, new ModelOptions()));
        SessionPlan session = plan.Session(_model.SessionOptions(parsed, plan.Config));
        long needed = GpuSupport.BytesOf(plan, session);
        if (parsed.GetValue(_json))
        {
            Terminal.PrintJson(json => Write(json, devices, plan, needed));
            return AhnCommand.Done;
        }
        if (devices.Count == 0)
        {
            Terminal.Note("No GPU was found, or no driver of one: models run on the processor. "
                + "'ahn doctor' says which libraries were looked for, and what this build can do.");
            return AhnCommand.Done;
        }
        Columns columns = new("DEVICE", "NAME", ">MEMORY", ">FREE", ">UNITS", "DRIVER");
        foreach (GpuFacts device in devices)
        {
            string free = device.FreeBytes is { } bytes ? ByteProgress.Size(bytes) : "unknown";
            columns.Add(device.Id, device.Name, ByteProgress.Size(device.MemoryBytes), free,
                device.Units.ToString(CultureInfo.InvariantCulture), device.Driver);
        }
        columns.Print();
        string[] fitting = [.. devices.Where(device => Fits(device, needed)).Select(device => device.Id)];
        Terminal.Note($"{plan.Name} takes {ByteProgress.Size(needed)} with one session ({MemoryName.Of(session.Mode)}): "
            + $"{(fitting.Length == 0 ? "fits none of them" : $"fits {string.Join(", ", fitting)}")}.");
        return AhnCommand.Done;
    }

    private static bool Fits(GpuFacts device, long bytes) => bytes <= (device.FreeBytes ?? device.MemoryBytes);

    private static void Write(Utf8JsonWriter json, IReadOnlyList<GpuFacts> devices, ModelPlan plan, long needed)
    {
        json.WriteString("model", plan.Name);
        json.WriteNumber("bytes", needed);
        json.WriteStartArray("devices");
        foreach (GpuFacts device in devices)
        {
            json.WriteStartObject();
            json.WriteString("id", device.Id);
            json.WriteString("name", device.Name);
            json.WriteNumber("memory_bytes", device.MemoryBytes);
            if (device.FreeBytes is { } free) json.WriteNumber("free_bytes", free);
            json.WriteNumber("units", device.Units);
            json.WriteString("driver", device.Driver);
            json.WriteBoolean("fits", Fits(device, needed));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
