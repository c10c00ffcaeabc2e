@echo off
rem pic straight from this folder, with whatever Python 3 is here. Nothing is installed.
where /q py.exe
if not errorlevel 1 (
  py -3 -I -S "%~dp0pic.py" %*
  exit /b
)
where /q python3.exe
if not errorlevel 1 (
  python3 -I -S "%~dp0pic.py" %*
  exit /b
)
where /q python.exe
if not errorlevel 1 (
  python -I -S "%~dp0pic.py" %*
  exit /b
)
echo pic: needs Python 3.11 or newer, and none is on the PATH 1>&2
exit /b 127
