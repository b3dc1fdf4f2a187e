using System.CommandLine;
using AhnSharp.Cli.Gpu;
using AhnSharp.Cli.Options;
using AhnSharp.Machine;
using AhnSharp.Planning;
using AhnSharp.Sessions;

namespace AhnSharp.Cli.Display;

/// <summary>The sentence before a model is loaded: what it and its session will take, and what is free.</summary>
internal static class FitNote
{
    /// <summary>
    /// Prints it, and returns what the session is to keep. A model that does not fit is loaded all the same: the system may swap.
    /// </summary>
    internal static SessionOptions Show(ModelOptionGroup options, ParseResult parsed)
    {
        string device = options.DeviceChoice(parsed).Device;
        if (device != DeviceChoice.Processor) GpuSupport.Check(device);
        ModelPlan plan = ModelPlan.Read(
            options.ModelPath(parsed), options.AhnPath(parsed), GpuSupport.OptionsFor(device, options.ModelOptions(parsed)));
        SessionOptions session = options.SessionOptions(parsed, plan.Config);
        SessionPlan state = plan.Session(session);
        // What is free there, and how many layers of the model that makes, is known when the device is opened.
        if (device != DeviceChoice.Processor)
        {
            if (device != "auto")
            {
                Terminal.Detail($"will take {ByteProgress.Size(GpuSupport.BytesOf(plan, state))} on {device}, "
                    + $"of which session {ByteProgress.Size(state.MaxBytes)} ({MemoryName.Of(state)})");
            }
            return session;
        }
        MachineMemory memory = MachineMemory.Read();
        Terminal.Detail(Sentence(plan, state, memory));
        if (plan.MaxBytes(state) > memory.AvailableBytes) Terminal.Warn($"This is more than is free: {Advice(plan, session, memory)}");
        return session;
    }

    // For example: will take 118.3 MB of 23.4 GB free: weights 15.9 MB, session 4.6 MB (window + memory (W 480, S 32), kv f16), scratch
    // 12.1 MB, program and tokenizer 63.3 MB
    internal static string Sentence(ModelPlan plan, SessionPlan state, MachineMemory memory)
    {
        string full = state.Mode == MemoryMode.Full ? $" at {state.ContextTokens:N0} tokens" : "";
        return $"will take {ByteProgress.Size(plan.MaxBytes(state))} of {ByteProgress.Size(memory.AvailableBytes)} free: "
            + $"weights {ByteProgress.Size(plan.WeightBytes)}, session {ByteProgress.Size(state.MaxBytes)}{full} ({MemoryName.Of(state)}), "
            + $"scratch {ByteProgress.Size(plan.ScratchBytes)}, program and tokenizer {ByteProgress.Size(plan.OtherBytes)}";
    }

    private static string Advice(ModelPlan plan, SessionOptions session, MachineMemory memory)
    {
        WindowChoice choice = WindowChoice.For(plan, session.Sinks, null, memory.AvailableBytes);
        if (!choice.Fits) return "expect swapping or the end of the process; a file of a smaller type is needed ('ahn fit' says which).";
        return $"expect swapping or the end of the process; {OptionsOf(choice.Options)} would fit.";
    }

    /// <summary>The options that ask for this, as they are typed.</summary>
    internal static string OptionsOf(SessionOptions options) =>
        (options.Mode == MemoryMode.Full ? $"--context {options.ContextTokens}" : $"--window {options.Window}")
        + (options.Kv == Attention.KvType.Q8_0 ? " --kv q8_0" : "");
}
