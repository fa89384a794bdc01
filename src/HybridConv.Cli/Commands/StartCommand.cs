using System.CommandLine;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Commands;

/// <summary><c>start</c>, which help does not list: loads a model, runs it once and says so, for <see cref="StartTimes"/> to time from outside.</summary>
internal static class StartCommand
{
    public const string Name = "start", Done = "done";

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command(Name, "Loads a model and runs it once.") { source, shapes.Option }, common.Target, common.Threads, common.Precision);
        command.Hidden = true;
        command.SetAction(parse =>
        {
            using Model model = ModelSource.Load(parse.GetRequiredValue(source));
            using Session session = model.Compile(common.Session(parse, parse.GetValue(common.Target)!));
            IReadOnlyDictionary<string, long[]> resolved = shapes.Resolve(parse, session.Inputs);
            using Run run = session.CreateRun(resolved);
            foreach ((int i, HostTensor input) in RunTensors.Seeded(model.Inputs, resolved).Index())
                run.Fill(i, input);
            run.Execute();
            terminal.WriteLine(Done);
            return ExitCodes.Ok;
        });
        return command;
    }
}
