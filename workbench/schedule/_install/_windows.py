"""A task of the Windows Task Scheduler; elements in the order of [MS-TSCH] 2.5, version 1.2."""

from __future__ import annotations

import subprocess
from datetime import datetime
from pathlib import Path
from xml.sax.saxutils import escape

from workbench.schedule._install._call import Call

_EARLIEST = datetime(2020, 1, 1)  # noqa: DTZ001  # without a zone it is the machine's own, in summer too


def task(call: Call) -> str:
    """
    Return the task as XML: every so many minutes, also what was missed while the machine was off.

    It needs no administrator, and runs while the one who registered it is logged in.
    """
    program, *arguments = call.command(logged=True)
    return f"""\
<?xml version="1.0" encoding="UTF-16"?>
<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">
  <RegistrationInfo>
    <Description>{_text(_told(call))}</Description>
  </RegistrationInfo>
  <Triggers>
    <TimeTrigger>
      <Enabled>true</Enabled>
      <StartBoundary>{_EARLIEST.isoformat()}</StartBoundary>
      <Repetition>
        <Interval>PT{call.minutes}M</Interval>
        <StopAtDurationEnd>false</StopAtDurationEnd>
      </Repetition>
    </TimeTrigger>
  </Triggers>
  <Principals>
    <Principal id="Author">
      <LogonType>InteractiveToken</LogonType>
      <RunLevel>LeastPrivilege</RunLevel>
    </Principal>
  </Principals>
  <Settings>
    <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>
    <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>
    <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>
    <AllowHardTerminate>true</AllowHardTerminate>
    <StartWhenAvailable>true</StartWhenAvailable>
    <RunOnlyIfNetworkAvailable>false</RunOnlyIfNetworkAvailable>
    <Enabled>true</Enabled>
    <ExecutionTimeLimit>P1D</ExecutionTimeLimit>
  </Settings>
  <Actions Context="Author">
    <Exec>
      <Command>{_text(_windowless(program))}</Command>
      <Arguments>{_text(subprocess.list2cmdline(arguments))}</Arguments>
      <WorkingDirectory>{_text(str(call.office))}</WorkingDirectory>
    </Exec>
  </Actions>
</Task>
"""


def _told(call: Call) -> str:
    return (
        f"Briefing workbench: calls `workbench tick` for {call.title}. Its log: {call.log}. "
        "Is it alive? workbench health --office OFFICE"
    )


def _windowless(program: str) -> str:
    """Return the Python that opens no window, where there is one: who closed it would end the tick."""
    beside = Path(program).with_name("pythonw.exe")
    return str(beside) if beside.is_file() else program


def _text(text: str) -> str:
    return escape(text)
